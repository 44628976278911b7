"""Messages, read back: the newest, a thread, a chain of replies, a whole channel, by person."""

from dataclasses import replace

import pytest
from doubles.sample_messages import ANA, BOB, NELLIE, ROOM, ids, sample_new_message

from bot.store import messages as module
from bot.store.messages import Messages


async def test_reads_the_newest_after_a_number(messages: Messages, room: int) -> None:
    await messages.add(room, [sample_new_message(f"m{n}") for n in range(1, 8)])

    assert ids(await messages.newest(ROOM, room, after=2, limit=3)) == ["m5", "m6", "m7"]
    assert ids(await messages.newest(ROOM, room, after=6, limit=3)) == ["m7"]


async def test_a_thread_is_its_root_and_its_newest_messages(messages: Messages, room: int) -> None:
    await messages.add(
        room, [sample_new_message(f"m{n}", thread="m1" if n % 2 else "") for n in range(1, 12)]
    )

    found = await messages.thread(ROOM, room, "m1", before=11, limit=2)

    assert ids(found) == ["m1", "m7", "m9"]


async def test_top_level_is_not_a_thread(messages: Messages, room: int) -> None:
    await messages.add(room, [sample_new_message("m1"), sample_new_message("m2")])

    assert await messages.thread(ROOM, room, "", before=9, limit=9) == []


async def test_follows_a_chain_of_replies_as_far_as_asked(messages: Messages, room: int) -> None:
    await messages.add(
        room, [sample_new_message(f"m{n}", reply_to=f"m{n - 1}") for n in range(1, 9)]
    )

    assert ids(await messages.reply_chain(ROOM, room, "m5", limit=3)) == ["m3", "m4", "m5"]
    assert ids(await messages.reply_chain(ROOM, room, "m2", limit=9)) == ["m1", "m2"]


async def test_replies_in_a_circle_are_followed_once(messages: Messages, room: int) -> None:
    await messages.add(room, [sample_new_message("m1", reply_to="m1")])
    await messages.add(
        room, [sample_new_message("m2", reply_to="m3"), sample_new_message("m3", reply_to="m2")]
    )

    assert ids(await messages.reply_chain(ROOM, room, "m1", limit=12)) == ["m1"]
    assert ids(await messages.reply_chain(ROOM, room, "m3", limit=12)) == ["m2", "m3"]


async def test_walks_a_channel_in_pages(
    messages: Messages, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    await messages.add(room, [sample_new_message(f"m{n}") for n in range(1, 10)])

    whole = [message.seq async for message in messages.read_in_order(ROOM, room)]
    part = [message.seq async for message in messages.read_in_order(ROOM, room, first=3, last=8)]

    assert whole == list(range(1, 10))
    assert part == list(range(3, 9))


async def test_knows_the_last_thing_that_a_person_said(messages: Messages, room: int) -> None:
    await messages.add(
        room,
        [
            sample_new_message("m1"),
            sample_new_message("m2", "", BOB),
            sample_new_message("m3"),
            sample_new_message("m4"),
        ],
    )

    assert await messages.last_seq_of_author(room, ANA.id, before=4) == 3
    assert await messages.last_seq_of_author(room, BOB.id, before=2) == 0


async def test_knows_everybody_who_spoke_by_the_last_name(messages: Messages, room: int) -> None:
    await messages.add(
        room,
        [
            sample_new_message("a"),
            sample_new_message("b", author=BOB),
            sample_new_message("h", author=NELLIE),
        ],
    )
    later = replace(BOB, name="Bobby")
    await messages.add(room, [sample_new_message("c"), sample_new_message("d", author=later)])

    found = await messages.authors(room, limit=9)

    assert sorted(found, key=lambda one: one.id) == [ANA, later, NELLIE]
    assert len(await messages.authors(room, limit=2)) == 2

"""Messages, read back: the newest, a thread, a chain of replies, a whole channel, by person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from doubles.sample_messages import ANA, BOB, NELLIE, NOON, ROOM, ids, sample_new_message

from bot.domain.model import Message
from bot.store import messages as module
from bot.store.database import Database
from bot.store.material import Material, Place
from bot.store.messages import Messages


async def test_reads_what_people_said_last_in_the_order_of_time(
    messages: Messages, room: int
) -> None:
    late = ["m5", "m6", "m7", "m1", "m2", "m3", "m4"]
    await messages.add(room, [sample_new_message(name) for name in late])
    await messages.add(room, [sample_new_message("m8", "", NELLIE)])

    def minute(number: int) -> datetime:
        return NOON + timedelta(minutes=number)

    async def read(**more: Any) -> list[str]:
        return ids(await messages.newest(ROOM, room, limit=3, **more))

    assert await read() == ["m5", "m6", "m7"]
    assert await read(after=(minute(6), 0)) == ["m6", "m7"]
    assert await read(after=(minute(6), 2)) == ["m7"]
    assert await read(until=minute(3)) == ["m1", "m2", "m3"]
    assert await read(after=(minute(7), 3)) == []


async def test_a_thread_is_its_root_and_its_newest_messages(messages: Messages, room: int) -> None:
    await messages.add(
        room, [sample_new_message(f"m{n}", thread="m1" if n % 2 else "") for n in range(1, 12)]
    )

    found = await messages.thread(ROOM, room, "m1", before=11, limit=2)

    assert ids(found) == ["m1", "m7", "m9"]


async def test_top_level_is_not_a_thread(messages: Messages, room: int) -> None:
    await messages.add(room, [sample_new_message("m1"), sample_new_message("m2")])

    assert await messages.thread(ROOM, room, "", before=9, limit=9) == []


async def test_follows_a_chain_of_replies_as_far_as_asked(
    messages: Messages, database: Database, room: int
) -> None:
    await messages.add(
        room, [sample_new_message(f"m{n}", reply_to=f"m{n - 1}") for n in range(1, 9)]
    )

    assert ids(await _chain(database, room, "m5", limit=3)) == ["m3", "m4", "m5"]
    assert ids(await _chain(database, room, "m2", limit=9)) == ["m1", "m2"]


async def test_replies_in_a_circle_are_followed_once(
    messages: Messages, database: Database, room: int
) -> None:
    await messages.add(room, [sample_new_message("m1", reply_to="m1")])
    await messages.add(
        room, [sample_new_message("m2", reply_to="m3"), sample_new_message("m3", reply_to="m2")]
    )

    assert ids(await _chain(database, room, "m1", limit=12)) == ["m1"]
    assert ids(await _chain(database, room, "m3", limit=12)) == ["m2", "m3"]


async def test_walks_a_channel_in_pages(
    messages: Messages, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    await messages.add(room, [sample_new_message(f"m{n}") for n in range(1, 10)])

    whole = [message.seq async for message in messages.read_in_order(ROOM, room)]
    part = [message.seq async for message in messages.read_in_order(ROOM, room, first=3, last=8)]

    assert whole == list(range(1, 10))
    assert part == list(range(3, 9))


async def test_knows_when_a_person_last_said_something(messages: Messages, room: int) -> None:
    to_come = datetime.now(UTC) + timedelta(days=30)
    await messages.add(
        room,
        [
            sample_new_message("m4"),
            sample_new_message("m5", "", BOB),
            sample_new_message("m3"),
            sample_new_message("wrong clock", at=to_come),
        ],
    )

    assert await messages.last_said_by(room, ANA.id) == (NOON + timedelta(minutes=4), 1)
    assert await messages.last_said_by(room, BOB.id) == (NOON + timedelta(minutes=5), 2)
    assert await messages.last_said_by(room, "nobody") is None


async def test_a_thread_is_read_by_time_though_its_beginning_came_last(
    messages: Messages, room: int
) -> None:
    names = ["m6", "m7", "m8", "m1", "m2", "m3", "m4", "m5"]
    await messages.add(room, [sample_new_message(name, thread="m1") for name in names])

    found = await messages.thread(ROOM, room, "m1", before=9, limit=3)

    assert ids(found) == ["m1", "m6", "m7", "m8"]


async def test_a_chain_of_replies_is_read_by_its_links_though_its_beginning_came_last(
    messages: Messages, database: Database, room: int
) -> None:
    names = ["m3", "m1", "m2"]
    await messages.add(
        room, [sample_new_message(name, reply_to=f"m{int(name[1]) - 1}") for name in names]
    )

    assert ids(await _chain(database, room, "m3", limit=9)) == ["m1", "m2", "m3"]


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


async def _chain(database: Database, room: int, id_: str, *, limit: int) -> list[Message]:
    """The replies that a question's own answers to."""
    place = Place(reply_to=id_, most=limit)
    return (await Material(database).read(room, place, after=0, most_new=0)).conversation

"""Messages: remembered once, in one order without gaps, and read back as they were said."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from doubles.sample_messages import (
    ANA,
    BOB,
    NELLIE,
    NOON,
    ROOM,
    find_contradictions,
    ids,
    rows,
    sample_message,
    sample_new_message,
)

from bot.domain.model import Author
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.turns import Turns

HALL = replace(ROOM, id="C2", name="hall")
ODD = {
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 done",
    "right to left": "שלום \u202eolleh\u202c مرحبا",
    "layout": '--- [system] {"author": "Ana"}\\n\\u0000 \' " ; DROP TABLE message; -- :channel %s',
    "lines": "\tone\r\n\n two\u2028three\x0b",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎",
    "long": "elephant 🐘 " * 83_333,
}


@pytest.fixture
async def hall(database: Database) -> int:
    return await Channels(database).id(HALL)


async def test_comes_back_as_it_was_said(messages: Messages, room: int) -> None:
    message = sample_message(
        "m1",
        "hello",
        BOB,
        thread="t1",
        reply_to="m0",
        addressed=True,
        link="https://chat.example/m1",
    )

    await messages.add(room, [NewMessage(message)])

    assert await messages.find(ROOM, room, "m1") == replace(message, seq=1)


@pytest.mark.parametrize(
    "mentions",
    [
        ("U2",),
        ("184467440737095516", "bob|away", "wörk@er %_"),
        ("", "{}", '"', "NULL", "a,b", "\\"),
    ],
)
async def test_keeps_whom_it_mentions_in_their_order(
    messages: Messages, room: int, mentions: tuple[str, ...]
) -> None:
    message = sample_message("m1", mentions=mentions)

    await messages.add(room, [sample_new_message("m0"), NewMessage(message)])

    assert await messages.find(ROOM, room, "m1") == replace(message, seq=2)
    assert [one.mentions for one in await messages.newest(ROOM, room, limit=5)] == [(), mentions]


async def test_who_opted_out_is_in_no_mention(
    messages: Messages, database: Database, room: int
) -> None:
    await messages.add(room, [sample_new_message("m1", mentions=(BOB.id, ANA.id))])
    await Channels(database).set_opt_out(room, BOB.id, out=True)
    await messages.add(room, [sample_new_message("m2", mentions=(ANA.id, BOB.id, "U9"))])

    found = await messages.newest(ROOM, room, limit=5)

    assert [one.mentions for one in found] == [(ANA.id,), (ANA.id, "U9")]


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_odd_text_comes_back_unchanged(
    messages: Messages, database: Database, room: int, text: str
) -> None:
    await messages.add(
        room, [sample_new_message("m1", text, Author("U\N{BLACK CLUB SUIT}", text[:40]))]
    )

    [found] = await messages.newest(ROOM, room, limit=5)

    assert found.text == text
    assert found.author.name == text[:40]
    assert await find_contradictions(database) == []


async def test_keeps_the_time_at_which_a_late_message_was_said(
    messages: Messages, room: int
) -> None:
    await messages.add(room, [sample_new_message("new", at=NOON)])
    await messages.add(
        room, [sample_new_message("old", at=NOON - timedelta(days=400, microseconds=7))]
    )

    newest = await messages.newest(ROOM, room, limit=5)
    first = await messages.first(ROOM, room)

    assert ids(newest) == ["old", "new"]
    assert newest[0].at == NOON - timedelta(days=400, microseconds=7)
    assert first
    assert first.id == "old"


async def test_is_remembered_once(messages: Messages, database: Database, room: int) -> None:
    first = await messages.add(
        room,
        [sample_new_message("m1"), sample_new_message("m2"), sample_new_message("m1", "again")],
    )

    second = await messages.add(room, [sample_new_message("m2"), sample_new_message("m3")])

    assert first == {"m1": 1, "m2": 2}
    assert second == {"m3": 3}
    assert await find_contradictions(database) == []


async def test_is_remembered_once_when_many_deliver_it_at_the_same_time(
    database: Database, room: int
) -> None:
    turns = Turns(database, lease=15)

    accepted = await asyncio.gather(
        *(
            turns.accept(room, sample_new_message(f"m{n % 5}"), owner=1, opens_turn=True)
            for n in range(60)
        )
    )

    assert sorted(done.seq for done in accepted if done.seq) == [1, 2, 3, 4, 5]
    assert await rows(database, "SELECT count(*) FROM turn") == [5]
    assert await find_contradictions(database) == []


async def test_batches_that_overlap_are_remembered_once(
    messages: Messages, database: Database, room: int
) -> None:
    batches = [[sample_new_message(f"m{n}") for n in range(at, at + 40)] for at in range(0, 80, 10)]

    numbers = await asyncio.gather(*(messages.add(room, batch) for batch in batches))

    assert sum(map(len, numbers)) == 110
    assert await find_contradictions(database) == []


async def test_nothing_is_ever_seen_behind_a_number_that_is_still_missing(
    messages: Messages, database: Database, room: int
) -> None:
    turns = Turns(database, lease=15)
    seen: list[list[int]] = []

    async def look() -> None:
        while len(seen) < 2 or len(seen[-1]) < 130:
            seen.append(sorted(await messages.all_seqs(room)))

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        group.create_task(messages.add(room, [sample_new_message(f"b{n}") for n in range(50)]))
        for n in range(80):
            group.create_task(
                turns.accept(room, sample_new_message(f"m{n}"), owner=1, opens_turn=n % 2 == 0)
            )

    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)


async def test_takes_two_thousand_at_once(
    messages: Messages, database: Database, room: int
) -> None:
    batch = [
        sample_new_message(f"m{n}", f"line {n} about topic{n % 13} and more") for n in range(2_000)
    ]

    first = await messages.add(room, batch)
    again = await messages.add(room, batch)

    assert list(first) == [f"m{n}" for n in range(2_000)]
    assert list(first.values()) == list(range(1, 2_001))
    assert again == {}
    assert await messages.count(room) == 2_000
    assert await find_contradictions(database) == []


async def test_nothing_crosses_channels(
    messages: Messages, database: Database, room: int, hall: int
) -> None:
    await messages.add(room, [sample_new_message("m1", "secret", thread="t1")])

    added = await messages.add(hall, [sample_new_message("m1", "public", room=HALL, thread="t1")])

    assert added == {"m1": 1}
    for found in (
        await messages.get(HALL, hall, [1]),
        await messages.newest(HALL, hall, limit=9),
        await messages.thread(HALL, hall, "t1", before=9, limit=9),
        [one async for one in messages.read_in_order(HALL, hall)],
        [await messages.find(HALL, hall, "m1")],
        [await messages.first(HALL, hall)],
    ):
        assert [one and one.text for one in found] == ["public"]
    assert await messages.count(hall) == 1
    assert await messages.seqs_of_author(hall, ANA.id) == [1]


async def test_who_opted_out_leaves_nothing_but_a_number(
    messages: Messages, database: Database, room: int
) -> None:
    await Channels(database).set_opt_out(room, BOB.id, out=True)

    added = await messages.add(
        room,
        [
            sample_new_message("m1"),
            sample_new_message("m2", "my secret", BOB),
            sample_new_message("m3"),
        ],
    )

    assert added == {"m1": 1, "m2": 2, "m3": 3}
    assert ids(await messages.newest(ROOM, room, limit=9)) == ["m1", "m3"]
    assert await messages.seqs_of_author(room, BOB.id) == []
    assert await rows(database, "SELECT text, author_name FROM message WHERE seq = 2") == [("", "")]
    assert await find_contradictions(database) == []


async def test_who_opts_in_again_is_remembered_from_then_on(
    messages: Messages, database: Database, room: int
) -> None:
    channels = Channels(database)
    await channels.set_opt_out(room, BOB.id, out=True)
    await messages.add(room, [sample_new_message("m1", "hidden", BOB)])

    await channels.set_opt_out(room, BOB.id, out=False)
    await messages.add(
        room, [sample_new_message("m1", "hidden", BOB), sample_new_message("m2", "seen", BOB)]
    )

    assert ids(await messages.newest(ROOM, room, limit=9)) == ["m2"]


async def test_her_own_messages_are_marked_as_hers(messages: Messages, room: int) -> None:
    await messages.add(
        room, [sample_new_message("m1", "I am Nellie", NELLIE), sample_new_message("m2")]
    )

    found = await messages.get(ROOM, room, [1, 2])

    assert [message.author.nellie for message in found] == [True, False]

"""Late messages in the store: by their time they stand in the window, or wait behind it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from doubles.sample_messages import (
    NOON,
    find_contradictions,
    run,
    sample_new_message,
    wait_until_blocked,
)
from doubles.sample_summaries import compacted, segment
from one_channel import Store
from test_schema import downgrade

from bot.domain.model import Message, Segment
from bot.store import schema, summaries
from bot.store.database import Database
from bot.store.message_inserts import NewMessage, add
from bot.store.summaries import Compacted


def said(*minutes: float) -> list[NewMessage]:
    """Messages by the minute after noon in which they were said."""
    return [
        sample_new_message(f"at {minute}", at=NOON + timedelta(minutes=minute))
        for minute in minutes
    ]


def minutes(messages: Sequence[Message]) -> list[float]:
    return [(message.at - NOON).total_seconds() / 60 for message in messages]


def made_of(one: Segment, *seqs: int) -> Compacted:
    """A compaction that made one segment, of these messages."""
    return compacted(replace(one, seqs=seqs))


async def window(store: Store) -> list[float]:
    _, found = await store.messages.read_window(store.id, after=0, limit=99)
    return minutes(found)


async def late(store: Store) -> list[float]:
    state = await store.channels.state(store.id)
    return minutes(await store.messages.oldest_late(state, limit=99))


@pytest.fixture
async def store(database: Database, room: int) -> Store:
    return Store(database, room)


async def test_a_window_is_read_in_the_order_of_time(store: Store) -> None:
    await store.messages.add(store.id, said(10, 20))
    await store.messages.add(store.id, said(1, 15, 2))

    assert await window(store) == [1, 2, 10, 15, 20]
    state, new = await store.messages.read_window(store.id, after=2, limit=99)
    assert minutes(new) == [1, 15, 2]
    assert minutes(await store.messages.oldest_of_window(state, limit=3)) == [1, 2, 10]


async def test_the_newest_of_a_long_window_are_the_newest_by_time(store: Store) -> None:
    await store.messages.add(store.id, said(100, 101))
    await store.messages.add(store.id, said(*range(60)))

    _, found = await store.messages.read_window(store.id, after=0, limit=3)

    assert minutes(found) == [59, 100, 101]


async def test_what_is_older_than_the_window_is_late(store: Store) -> None:
    await store.messages.add(store.id, said(1, 2, 3, 4, 5))
    assert await store.compact(3)

    again = sample_new_message("again at 3", at=NOON + timedelta(minutes=3))
    await store.messages.add(store.id, [*said(0.5), again, *said(3.5, 6)])

    assert await late(store) == [0.5]
    assert await window(store) == [3, 3.5, 4, 5, 6]  # of the same moment, the later number
    assert await find_contradictions(store.database) == []


async def test_what_is_late_becomes_segments_of_its_own(store: Store) -> None:
    await store.messages.add(store.id, said(1, 2, 3, 4))
    await store.compact(2)
    await store.messages.add(store.id, said(0.1, 0.2, 0.3))
    before = await store.channels.state(store.id)

    done = await store.summaries.commit(
        before,
        Compacted(
            segments=(segment(5, 6),),
            digest="d",
            late=True,
            messages=2,
            tokens_before=1,
            model="m",
        ),
    )

    after = await store.channels.state(store.id)
    assert done
    assert (after.watermark, after.epoch) == (before.watermark, before.epoch + 1)
    assert await late(store) == [0.3]
    assert await window(store) == [3, 4]
    assert await find_contradictions(store.database) == []


async def test_what_comes_in_while_a_model_writes_and_was_said_before_is_late(
    store: Store,
) -> None:
    await store.messages.add(store.id, said(1, 2, 3, 4))
    state = await store.channels.state(store.id)

    async with store.database.begin() as connection:
        await add(connection, store.id, said(1.5, 2.5, 5))
    assert await store.summaries.commit(state, compacted(segment(1, 2)))

    assert await late(store) == [1.5]
    assert await window(store) == [2.5, 3, 4, 5]
    assert await find_contradictions(store.database) == []


async def test_what_waits_for_a_compaction_to_commit_is_held_against_its_end(
    store: Store,
) -> None:
    await store.messages.add(store.id, said(1, 2, 3, 4))
    key = {"channel": store.id, "watermark": 0, "epoch": 0, "last": 2, "seqs": [1, 2]}

    async with store.database.begin() as connection:
        await connection.execute(summaries._SQL.move_watermark, key)
        adding = asyncio.create_task(store.messages.add(store.id, said(1.5, 3.5)))
        await wait_until_blocked(store.database)
        await connection.execute(summaries._SQL.count_tokens, {"channel": store.id})
    await adding

    assert await late(store) == [1.5]
    assert await window(store) == [3, 3.5, 4]
    assert await find_contradictions(store.database) == []


async def test_late_messages_are_edited_and_forgotten_like_others(store: Store) -> None:
    await store.messages.add(store.id, said(1, 2, 3))
    await store.compact(2)
    await store.messages.add(store.id, said(0.1, 0.2))

    await store.changes.edit(store.id, "at 0.1", "quite another thing", 40)
    await store.changes.forget(store.id, [5])

    assert await late(store) == [0.1]
    assert (await store.channels.state(store.id)).late_tokens == 40
    assert await find_contradictions(store.database) == []


async def test_only_the_segment_that_holds_a_message_is_hidden_with_it(store: Store) -> None:
    await store.messages.add(store.id, said(9, 10, 1, 2, 3))
    old, new = segment(3, 5), segment(1, 2)
    await store.summaries.commit(await store.channels.state(store.id), made_of(old, 3, 4, 5))
    await store.summaries.commit(await store.channels.state(store.id), made_of(new, 1, 2))

    await store.changes.forget(store.id, [1])

    assert await store.dirty() == [2]


async def test_a_segment_made_of_scattered_numbers_is_hidden_with_its_own_alone(
    store: Store,
) -> None:
    await store.messages.add(store.id, said(1, 9, 2, 10, 3))
    await store.summaries.commit(
        await store.channels.state(store.id), made_of(segment(1, 5), 1, 3, 5)
    )

    await store.changes.edit(store.id, "at 9", "it is in the window", 3)
    untouched = await store.dirty()
    await store.changes.edit(store.id, "at 2", "it is summarized", 3)

    assert untouched == []
    assert await store.dirty() == [5]


async def test_a_reset_takes_late_messages_into_the_window(store: Store) -> None:
    await store.messages.add(store.id, said(1, 2, 3))
    await store.compact(2)
    await store.messages.add(store.id, said(0.1))

    await store.summaries.reset(store.id)

    assert await late(store) == []
    assert await window(store) == [0.1, 1, 2, 3]
    assert await find_contradictions(store.database) == []


async def test_a_window_follows_a_replica_that_compacts_by_numbers(store: Store) -> None:
    await store.messages.add(store.id, said(5, 6, 1, 7, 8))
    await run(  # as the former version commits it
        store.database,
        "UPDATE channel SET watermark = 2, epoch = epoch + 1, window_tokens = 7",
    )

    await store.summaries.follow_watermark(store.id)
    await store.summaries.follow_watermark(store.id)

    assert await window(store) == [7, 8]
    assert await late(store) == [1]
    assert (await store.channels.state(store.id)).epoch == 2
    assert await find_contradictions(store.database) == []


async def test_windows_that_began_at_a_number_begin_at_a_moment_after_the_migration(
    store: Store,
) -> None:
    await store.messages.add(store.id, said(5, 6, 1, 7, 8))
    await downgrade(store.database, "0010")
    await run(
        store.database,
        "UPDATE channel SET watermark = 2, window_tokens = (SELECT sum(tokens) FROM message"
        " WHERE seq > 2)",
    )

    await schema.migrate(store.database)

    assert await window(store) == [7, 8]
    assert await late(store) == [1]
    assert await find_contradictions(store.database) == []

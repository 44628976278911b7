"""Segments, digest and ledger: committed whole or not at all, and hidden while they are dirty."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from doubles.sample_messages import (
    NOON,
    ROOM,
    find_contradictions,
    rows,
    sample_message,
    sample_new_message,
    wait_until_blocked,
)

from bot.domain.model import Segment, Statement, Usage
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import add
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries


def segment(first: int, last: int, text: str = "something") -> Segment:
    statements = (Statement(f"{text} “{first}”", (first, last)), Statement("more", ()))
    return Segment(first, last, statements, ("Ana", "Bob"), NOON, NOON + timedelta(hours=1), 12)


def compacted(*segments: Segment, digest: str | None = "the digest") -> Compacted:
    calls = (Usage("m1", 100, 10, 60), Usage("m1", 50, 5))
    count = sum(one.last - one.first + 1 for one in segments)
    return Compacted(
        segments=segments,
        digest=digest,
        messages=count,
        tokens_before=400,
        model="m1",
        usage=calls,
        flagged=3,
    )


@pytest.fixture
def summaries(database: Database) -> Summaries:
    return Summaries(database)


@pytest.fixture
def channels(database: Database) -> Channels:
    return Channels(database)


@pytest.fixture
async def room(database: Database, channels: Channels) -> int:
    """A channel with ten messages."""
    channel_id = await channels.id(ROOM)
    await Messages(database).add(channel_id, [sample_new_message(f"m{n}") for n in range(1, 11)])
    return channel_id


async def test_a_compaction_moves_the_watermark_over_its_segments(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    made = compacted(segment(1, 3), segment(4, 7))

    done = await summaries.commit(await channels.state(room), made)

    state = await channels.state(room)
    assert done
    assert (state.watermark, state.epoch) == (7, 1)
    assert state.window_tokens == sum(sample_message(f"m{n}").tokens for n in range(8, 11))
    assert await summaries.segments(room) == [(segment(1, 3), False), (segment(4, 7), False)]
    assert await summaries.digest(room) == "the digest"


async def test_only_one_of_two_compactions_of_the_same_window_counts(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    state = await channels.state(room)
    works = [compacted(segment(1, 3)), compacted(segment(1, 5))]

    done = await asyncio.gather(*(summaries.commit(state, work) for work in works))

    assert sorted(done) == [False, True]
    assert len(await summaries.segments(room)) == 1
    assert await find_contradictions(database) == []


async def test_what_was_edited_meanwhile_is_not_summarized_as_it_was(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    state = await channels.state(room)
    await MessageEdits(database).edit(room, "m2", "different", 5)

    done = await summaries.commit(state, compacted(segment(1, 3)))

    assert not done
    assert await summaries.segments(room) == []
    assert await rows(database, "SELECT count(*) FROM usage") == [0]
    assert (await channels.state(room)).watermark == 0


async def test_what_is_said_meanwhile_does_not_hinder_and_is_counted(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    state = await channels.state(room)

    async with database.begin() as connection:
        await add(
            connection, room, [sample_new_message("m11", "a message that is not committed yet")]
        )
        committing = asyncio.create_task(summaries.commit(state, compacted(segment(1, 3))))
        await wait_until_blocked(database)

    assert await committing
    assert await find_contradictions(database) == []


async def test_a_compaction_without_a_digest_leaves_the_former_one(
    summaries: Summaries, channels: Channels, room: int
) -> None:
    await summaries.commit(await channels.state(room), compacted(segment(1, 3)))

    await summaries.commit(await channels.state(room), compacted(segment(4, 6), digest=None))

    assert await summaries.digest(room) == "the digest"


async def test_dirty_summaries_are_hidden_and_then_replaced(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    await summaries.commit(
        await channels.state(room), compacted(segment(1, 3), segment(4, 6), segment(7, 8))
    )
    await MessageEdits(database).forget(room, [5])
    hidden, listed = await summaries.digest(room), await summaries.dirty_channels()

    done = await summaries.recommit(
        await channels.state(room), compacted(segment(4, 6, "again"), digest="new")
    )

    assert (hidden, listed) == ("", [room])
    assert done
    assert await summaries.segments(room) == [
        (segment(1, 3), False),
        (segment(4, 6, "again"), False),
        (segment(7, 8), False),
    ]
    assert await summaries.digest(room) == "new"
    assert await summaries.dirty_channels() == []
    assert (await channels.state(room)).watermark == 8


async def test_a_repair_that_something_overtook_is_not_kept(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    await summaries.commit(await channels.state(room), compacted(segment(1, 6)))
    await MessageEdits(database).forget(room, [2])
    state = await channels.state(room)
    await MessageEdits(database).forget(room, [3])

    done = await summaries.recommit(state, compacted(segment(1, 6, "too early"), digest="old"))

    assert not done
    assert await summaries.dirty_channels() == [room]
    assert await summaries.digest(room) == ""


async def test_every_compaction_leaves_a_line_and_its_cost(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    await summaries.commit(await channels.state(room), compacted(segment(1, 3)))
    await summaries.recommit(await channels.state(room), compacted(segment(1, 3), digest=None))

    [newest, oldest] = await summaries.ledger(room, limit=9)

    assert (newest.rebuilt, oldest.rebuilt) == (True, False)
    assert (oldest.first, oldest.last, oldest.messages, oldest.model) == (1, 3, 3, "m1")
    assert (oldest.tokens_before, oldest.tokens_after, oldest.flagged) == (400, 12, 3)
    assert await summaries.ledger(room, limit=1) == [newest]
    spent = "SELECT purpose, count(*), sum(input) FROM usage GROUP BY purpose ORDER BY purpose"
    assert await rows(database, spent) == [("compaction", 4, 300)]
    assert await rows(database, "SELECT input_tokens, output_tokens FROM ledger LIMIT 1") == [
        (150, 15)
    ]


async def test_what_is_in_doubt_is_hidden_at_once_from_every_prompt(
    summaries: Summaries, channels: Channels, room: int
) -> None:
    nothing = await summaries.mark_all_dirty(room)
    await summaries.commit(await channels.state(room), compacted(segment(1, 3), segment(4, 6)))
    await summaries.postpone(room, 300, 7_200)
    before = await channels.state(room)

    count = await summaries.mark_all_dirty(room)

    after = await channels.state(room)
    assert (nothing, count) == (0, 2)
    assert await summaries.digest(room) == ""
    assert await summaries.dirty_channels() == [room]
    assert all(dirty for _, dirty in await summaries.segments(room))
    assert (after.epoch, after.watermark) == (before.epoch + 1, before.watermark)


async def test_a_reset_gives_the_window_everything_back(
    summaries: Summaries, channels: Channels, database: Database, room: int
) -> None:
    await summaries.commit(await channels.state(room), compacted(segment(1, 3)))
    await MessageEdits(database).forget(room, [2])

    await summaries.reset(room)

    assert await summaries.segments(room) == []
    assert await summaries.digest(room) == ""
    assert (await channels.state(room)).watermark == 0
    assert await find_contradictions(database) == []


async def test_summaries_belong_to_one_channel(
    summaries: Summaries, channels: Channels, room: int
) -> None:
    hall = await channels.id(replace(ROOM, id="C2"))

    await summaries.commit(await channels.state(room), compacted(segment(1, 3)))

    assert await summaries.segments(hall) == []
    assert await summaries.digest(hall) == ""
    assert await summaries.ledger(hall, limit=9) == []

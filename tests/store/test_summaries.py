"""Segments, digest and ledger: committed whole or not at all, and hidden while they are dirty."""

import asyncio
from dataclasses import replace

from doubles.sample_messages import (
    ROOM,
    find_contradictions,
    rows,
    sample_message,
    sample_new_message,
    wait_until_blocked,
)
from doubles.sample_summaries import compacted, segment

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import add
from bot.store.summaries import Summaries


async def test_a_compaction_moves_the_watermark_over_its_segments(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    made = compacted(segment(1, 3), segment(4, 7))

    done = await summaries.commit(await channels.state(room_of_ten), made)

    state = await channels.state(room_of_ten)
    assert done
    assert (state.watermark, state.epoch) == (7, 1)
    assert state.window_tokens == sum(sample_message(f"m{n}").tokens for n in range(8, 11))
    assert await summaries.segments(room_of_ten) == [(segment(1, 3), False), (segment(4, 7), False)]
    assert await summaries.digest(room_of_ten) == "the digest"


async def test_only_one_of_two_compactions_of_the_same_window_counts(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    state = await channels.state(room_of_ten)
    works = [compacted(segment(1, 3)), compacted(segment(1, 5))]

    done = await asyncio.gather(*(summaries.commit(state, work) for work in works))

    assert sorted(done) == [False, True]
    assert len(await summaries.segments(room_of_ten)) == 1
    assert await find_contradictions(database) == []


async def test_what_was_edited_meanwhile_is_not_summarized_as_it_was(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    state = await channels.state(room_of_ten)
    await MessageEdits(database).edit(room_of_ten, "m2", "different", 5)

    done = await summaries.commit(state, compacted(segment(1, 3)))

    assert not done
    assert await summaries.segments(room_of_ten) == []
    assert await rows(database, "SELECT count(*) FROM usage") == [0]
    assert (await channels.state(room_of_ten)).watermark == 0


async def test_what_is_said_meanwhile_does_not_hinder_and_is_counted(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    state = await channels.state(room_of_ten)

    async with database.begin() as connection:
        await add(
            connection,
            room_of_ten,
            [sample_new_message("m11", "a message that is not committed yet")],
        )
        committing = asyncio.create_task(summaries.commit(state, compacted(segment(1, 3))))
        await wait_until_blocked(database)

    assert await committing
    assert await find_contradictions(database) == []


async def test_a_compaction_without_a_digest_leaves_the_former_one(
    summaries: Summaries, channels: Channels, room_of_ten: int
) -> None:
    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))

    await summaries.commit(await channels.state(room_of_ten), compacted(segment(4, 6), digest=None))

    assert await summaries.digest(room_of_ten) == "the digest"


async def test_dirty_summaries_are_hidden_and_then_replaced(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    await summaries.commit(
        await channels.state(room_of_ten), compacted(segment(1, 3), segment(4, 6), segment(7, 8))
    )
    await MessageEdits(database).forget(room_of_ten, [5])
    hidden, listed = await summaries.digest(room_of_ten), await summaries.dirty_channels()

    done = await summaries.recommit(
        await channels.state(room_of_ten), compacted(segment(4, 6, "again"), digest="new")
    )

    assert (hidden, listed) == ("", [room_of_ten])
    assert done
    assert await summaries.segments(room_of_ten) == [
        (segment(1, 3), False),
        (segment(4, 6, "again"), False),
        (segment(7, 8), False),
    ]
    assert await summaries.digest(room_of_ten) == "new"
    assert await summaries.dirty_channels() == []
    assert (await channels.state(room_of_ten)).watermark == 8


async def test_a_repair_that_something_overtook_is_not_kept(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 6)))
    await MessageEdits(database).forget(room_of_ten, [2])
    state = await channels.state(room_of_ten)
    await MessageEdits(database).forget(room_of_ten, [3])

    done = await summaries.recommit(state, compacted(segment(1, 6, "too early"), digest="old"))

    assert not done
    assert await summaries.dirty_channels() == [room_of_ten]
    assert await summaries.digest(room_of_ten) == ""


async def test_every_compaction_leaves_a_line_and_its_cost(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))
    await summaries.recommit(
        await channels.state(room_of_ten), compacted(segment(1, 3), digest=None)
    )

    [newest, oldest] = await summaries.ledger(room_of_ten, limit=9)

    assert (newest.rebuilt, oldest.rebuilt) == (True, False)
    assert (oldest.first, oldest.last, oldest.messages, oldest.model) == (1, 3, 3, "m1")
    assert (oldest.tokens_before, oldest.tokens_after, oldest.flagged) == (400, 12, 3)
    assert await summaries.ledger(room_of_ten, limit=1) == [newest]
    spent = "SELECT purpose, count(*), sum(input) FROM usage GROUP BY purpose ORDER BY purpose"
    assert await rows(database, spent) == [("compaction", 4, 300)]
    assert await rows(database, "SELECT input_tokens, output_tokens FROM ledger LIMIT 1") == [
        (150, 15)
    ]


async def test_what_is_in_doubt_is_hidden_at_once_from_every_prompt(
    summaries: Summaries, channels: Channels, room_of_ten: int
) -> None:
    nothing = await summaries.mark_all_dirty(room_of_ten)
    await summaries.commit(
        await channels.state(room_of_ten), compacted(segment(1, 3), segment(4, 6))
    )
    await summaries.postpone(room_of_ten, 300, 7_200)
    before = await channels.state(room_of_ten)

    count = await summaries.mark_all_dirty(room_of_ten)

    after = await channels.state(room_of_ten)
    assert (nothing, count) == (0, 2)
    assert await summaries.digest(room_of_ten) == ""
    assert await summaries.dirty_channels() == [room_of_ten]
    assert all(dirty for _, dirty in await summaries.segments(room_of_ten))
    assert (after.epoch, after.watermark) == (before.epoch + 1, before.watermark)


async def test_a_reset_gives_the_window_everything_back(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))
    await MessageEdits(database).forget(room_of_ten, [2])

    await summaries.reset(room_of_ten)

    assert await summaries.segments(room_of_ten) == []
    assert await summaries.digest(room_of_ten) == ""
    assert (await channels.state(room_of_ten)).watermark == 0
    assert await find_contradictions(database) == []


async def test_summaries_belong_to_one_channel(
    summaries: Summaries, channels: Channels, room_of_ten: int
) -> None:
    hall = await channels.id(replace(ROOM, id="C2"))

    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))

    assert await summaries.segments(hall) == []
    assert await summaries.digest(hall) == ""
    assert await summaries.ledger(hall, limit=9) == []

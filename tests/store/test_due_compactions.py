"""Which channels are due for a compaction, and which are left alone for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doubles.sample_messages import ROOM, rows, sample_new_message
from doubles.sample_summaries import compacted, segment

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.summaries import Summaries


async def test_a_long_window_is_due_and_a_short_one_is_not(
    summaries: Summaries, channels: Channels, room_of_ten: int
) -> None:
    tokens = (await channels.state(room_of_ten)).window_tokens

    assert await summaries.due_channels(high=tokens - 1, cold=tokens) == [room_of_ten]
    assert await summaries.due_channels(high=tokens, cold=tokens) == []


async def test_a_cold_window_is_due_earlier_than_a_warm_one(
    summaries: Summaries, channels: Channels, database: Database
) -> None:
    warm, cold = [await channels.id(replace(ROOM, id=name)) for name in ("warm", "cold")]
    now = datetime.now(UTC)
    await Messages(database).add(warm, [sample_new_message("m1", at=now)])
    await Messages(database).add(cold, [sample_new_message("m1", at=now - timedelta(hours=2))])

    assert await summaries.due_channels(high=1_000, cold=1) == [cold]


async def test_a_channel_whose_compaction_failed_is_left_alone_until_one_succeeds(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    await summaries.postpone(room_of_ten, 300, 7_200)
    postponed = await summaries.due_channels(high=1, cold=1)

    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))

    assert postponed == []
    assert await summaries.due_channels(high=1, cold=1) == [room_of_ten]


async def test_a_channel_that_fails_again_and_again_is_left_alone_for_longer(
    summaries: Summaries, channels: Channels, database: Database, room_of_ten: int
) -> None:
    async def left_alone() -> int:
        await summaries.postpone(room_of_ten, 300, 7_200)
        wait = "SELECT extract(epoch FROM compact_after - now()) FROM channel"
        return round(float((await rows(database, wait))[0]), -2)

    times = [await left_alone() for _ in range(8)]
    await summaries.commit(await channels.state(room_of_ten), compacted(segment(1, 3)))

    assert times == [300, 600, 1_200, 2_400, 4_800, 7_200, 7_200, 7_200]
    assert await left_alone() == 300

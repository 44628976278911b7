"""What the models cost: one row a call, added up by purpose and model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.sample_messages import ROOM, rows

from bot.domain.model import Usage
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.usage import UsageLog, Used, record

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(database: Database) -> UsageLog:
    return UsageLog(database)


async def test_adds_calls_up_by_purpose_and_model_the_dearest_first(
    log: UsageLog, room: int
) -> None:
    await log.add(room, [Usage("small", 100, 10, 60), Usage("small", 50, 5, 0)], "answer")
    await log.add(room, [Usage("large", 1_000, 100)], "answer")
    await log.add(room, [Usage("small", 10, 100, 10, cache_write=5)], "catchup")

    assert await log.since(room, LONG_AGO) == [
        Used("answer", "large", 1, 1_000, None, None, 100),
        Used("catchup", "small", 1, 10, 10, 5, 100),
        Used("answer", "small", 2, 150, 60, None, 15),
    ]


async def test_keeps_turn_attempt_and_whether_it_was_an_estimate(
    database: Database, room: int
) -> None:
    async with database.begin() as connection:
        calls = [Usage("small", 7, 3, estimated=True)]
        await record(connection, room, calls, "answer", turn=5, attempt=2)

    kept = "SELECT turn_id, attempt, input, cached, output, estimated FROM usage"
    assert await rows(database, kept) == [(5, 2, 7, None, 3, True)]


async def test_counts_one_channel_from_one_moment(log: UsageLog, database: Database) -> None:
    here, there = [await Channels(database).id(replace(ROOM, id=name)) for name in "ab"]
    await log.add(here, [Usage("small", 1, 1)], "answer")

    assert await log.since(there, LONG_AGO) == []
    assert await log.since(here, datetime.now(UTC) + timedelta(hours=1)) == []


async def test_nothing_spent_leaves_no_row(log: UsageLog, room: int) -> None:
    await log.add(room, [], "answer")

    assert await log.since(room, LONG_AGO) == []

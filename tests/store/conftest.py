"""Replicas at one database, and heartbeats."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from doubles.replica import Replica

from bot.store.database import Database
from bot.store.heartbeat import Heartbeat


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.heartbeat.leave()


@pytest.fixture
async def two(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.heartbeat.leave()


@pytest.fixture
async def appear(database: Database) -> AsyncIterator[Callable[..., Heartbeat]]:
    """Make heartbeats that leave at the end of the test."""
    made = list[Heartbeat]()

    def appear(**more: Any) -> Heartbeat:
        made.append(Heartbeat(database, lease=15, **more))
        return made[-1]

    yield appear
    for heartbeat in made:
        await heartbeat.leave()

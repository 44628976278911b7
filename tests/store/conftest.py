"""Replicas at one database."""

from collections.abc import AsyncIterator

import pytest
from doubles.replica import Replica

from bot.store.database import Database


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.presence.leave()


@pytest.fixture
async def two(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.presence.leave()

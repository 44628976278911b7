"""The store on a database: its parts, a channel, replicas, and heartbeats."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from doubles.replica import Replica
from doubles.sample_messages import ROOM, sample_new_message

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.messages import Messages
from bot.store.summaries import Summaries


@pytest.fixture
def database(own_database: Database) -> Database:
    """The store's tests look at connections, cut them, and count them."""
    return own_database


@pytest.fixture
def channels(database: Database) -> Channels:
    return Channels(database)


@pytest.fixture
def messages(database: Database) -> Messages:
    return Messages(database)


@pytest.fixture
def summaries(database: Database) -> Summaries:
    return Summaries(database)


@pytest.fixture
async def room(channels: Channels) -> int:
    """A channel in which nothing was said."""
    return await channels.id(ROOM)


@pytest.fixture
async def room_of_ten(messages: Messages, room: int) -> int:
    """A channel with ten messages."""
    await messages.add(room, [sample_new_message(f"m{n}") for n in range(1, 11)])
    return room


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

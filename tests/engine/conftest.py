"""A Nellie for each test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.store.database import Database
from bot.testing import RunningNellie, running_nellie


@pytest.fixture
async def start_nellie(database: Database) -> AsyncIterator[Start]:
    """Start a Nellie with a model, a platform or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> RunningNellie:
            return await stack.enter_async_context(running_nellie(database, **options))

        yield start


@pytest.fixture
async def nellie(start_nellie: Start) -> RunningNellie:
    """A Nellie with the settings as they come."""
    return await start_nellie()


@pytest.fixture
async def full(start_nellie: Start) -> RunningNellie:
    """A Nellie with a window that is far too long."""
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*TALK)
    return nellie

"""Nellie on the loopback Discord, for each test anew."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.discord import Discord
from doubles.discord.house import Nellie, opened

from bot.store.database import Database

Open = Callable[..., Awaitable[Nellie]]


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    """A Discord that is in order; all that is asked of it must be in Discord's specification."""
    async with Discord() as double:
        yield double
        assert double.violations() == []
        assert double.pinging() == []


@pytest.fixture
async def open_nellie(database: Database) -> AsyncIterator[Open]:
    """Open a Nellie on a Discord, with a model or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def open_one(discord: Discord, **given: Any) -> Nellie:
            return await stack.enter_async_context(opened(discord, database, **given))

        yield open_one


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> Nellie:
    """Nellie as she is without further wishes."""
    return await open_nellie(discord)

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
async def open_discord() -> AsyncIterator[Callable[..., Awaitable[Discord]]]:
    """Open a Discord; all that is asked of it must be in Discord's specification."""
    async with AsyncExitStack() as stack:
        opened: list[Discord] = []

        async def open_one(**given: Any) -> Discord:
            opened.append(await stack.enter_async_context(Discord(**given)))
            return opened[-1]

        yield open_one
        for discord in opened:
            assert discord.violations() == []
            assert discord.pinging() == []


@pytest.fixture
async def discord(open_discord: Callable[..., Awaitable[Discord]]) -> Discord:
    """A Discord that is in order."""
    return await open_discord()


@pytest.fixture
async def open_nellie(database: Database, open_discord: object) -> AsyncIterator[Open]:
    """Open a Nellie on a Discord, with a model or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def open_one(discord: Discord, **given: Any) -> Nellie:
            return await stack.enter_async_context(opened(discord, database, **given))

        yield open_one


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> Nellie:
    """Nellie as she is without further wishes."""
    return await open_nellie(discord)

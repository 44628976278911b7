"""Nellie on the loopback Discord, for each test anew."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord, opened
from doubles.nellie_process import NellieProcess, running
from doubles.openai_server import OpenAIServer

from bot.store.database import Database

Open = Callable[..., Awaitable[NellieOnDiscord]]
Start = Callable[..., Awaitable[NellieProcess]]


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
            assert discord.opened() == []


@pytest.fixture
async def discord(open_discord: Callable[..., Awaitable[Discord]]) -> Discord:
    """A Discord that is in order."""
    return await open_discord()


@pytest.fixture
async def open_nellie(database: Database, open_discord: object) -> AsyncIterator[Open]:
    """Open a Nellie on a Discord, with a model or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def open_one(discord: Discord, **given: Any) -> NellieOnDiscord:
            return await stack.enter_async_context(opened(discord, database, **given))

        yield open_one


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> NellieOnDiscord:
    """Nellie with default settings."""
    return await open_nellie(discord)


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    """The model of the processes that `start` starts."""
    async with OpenAIServer() as double:
        yield double


@pytest.fixture
async def start(discord: Discord, model: OpenAIServer, address: str) -> AsyncIterator[Start]:
    """Start a real `nellie run`; returns once it listens."""
    environ = {
        **discord.environ,
        "DATABASE_URL": address,
        "NELLIE_MODEL": "openai/double",
        "OPENAI_BASE_URL": model.url,
        "OPENAI_API_KEY": "key",
        "NELLIE_LEASE": "2",
    }
    async with AsyncExitStack() as stack:

        async def start_one() -> NellieProcess:
            before = discord.gateway.identified
            program = await stack.enter_async_context(running(environ))
            await discord.until(
                lambda: discord.gateway.identified > before or not program.is_running
            )
            assert program.is_running, program.output
            return program

        yield start_one

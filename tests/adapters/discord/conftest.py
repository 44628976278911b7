"""Nellie on Discord: the double, the real adapter on the real discord.py, the real engine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from adapters.discord.adapter import DiscordAdapter
from doubles.discord import Discord, Interaction, Place, Post, User
from doubles.model import Actor

from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.database import Database

Open = Callable[..., Awaitable["Nellie"]]


@dataclass
class Nellie:
    """She is there, and what stands around her."""

    engine: Engine
    model: Actor
    adapter: DiscordAdapter
    discord: Discord
    database: Database
    running: asyncio.Task[None]

    async def answered(self, asked: Post) -> str:
        """What she answered to this message, once her answer is whole."""
        await self.discord.until(lambda: self.discord.answers(asked))
        await self.engine.lanes.idle()
        return "\n".join(post.text for post in self.discord.answers(asked))

    async def ask(self, user: User, place: Place, text: str, **more: Any) -> str:
        """Somebody mentions her; what she answered."""
        text = f"{self.discord.bot.mention} {text}"
        return await self.answered(self.discord.say(user, place, text, **more))

    async def slash(self, user: User, place: Place, name: str, **options: Any) -> Interaction:
        """A slash command, and what it shows once it is done."""
        did = self.discord.slash(user, place, name, **options)
        await self.discord.until(lambda: did.shown and not did.thinking)
        await self.engine.lanes.idle()
        return did

    async def texts(self) -> list[str]:
        """All that is remembered anywhere, in order."""
        found: list[str] = []
        for state in await self.engine.channels.all():
            walk = self.engine.messages.walk(state.channel, state.id)
            found += [message.text async for message in walk]
        return found


@asynccontextmanager
async def opened(
    discord: Discord, database: Database, *, model: Actor | None = None, environ: Any = None,
    **settings: Any,
) -> AsyncIterator[Nellie]:  # fmt: skip
    """Nellie, running, listening and with her commands synced."""
    model, chosen = model or Actor(), load(**settings)
    adapter = DiscordAdapter.configured({**discord.environ, **(environ or {})})
    assert adapter
    models = Models(chosen, loader=lambda names, given: Fallback([model], given))
    async with Engine(chosen, database, models, [adapter]) as engine:
        running = asyncio.create_task(adapter.run(engine))
        try:
            await discord.until(
                lambda: running.done() or (discord.gateway.connected and discord.commands)
            )
            yield Nellie(engine, model, adapter, discord, database, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    """A Discord that is in order; all that was asked of it is in Discord's specification."""
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

"""Nellie on the loopback Discord: the real adapter on the real discord.py, and the real core."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from doubles.discord_server.guild import Channel, Post, User
from doubles.discord_server.interaction import Interaction
from doubles.discord_server.server import Discord

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.connection import Connection
from bot.bootstrap import Nellie, started
from bot.config.settings import load
from bot.domain.ports import Toolbox
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.testing import ScriptedModel


@dataclass(repr=False)
class NellieOnDiscord:
    """A running Nellie, and what surrounds it."""

    parts: Nellie
    model: ScriptedModel
    adapter: DiscordAdapter
    discord: Discord
    database: Database
    running: asyncio.Task[None]

    @property
    def connection(self) -> Connection:
        """The adapter's connection; it must have one."""
        assert self.adapter._connection
        return self.adapter._connection

    async def answer_to(self, question: Post) -> str:
        """The answer to a message, once it is whole."""
        await self.discord.until(lambda: self.discord.answers(question))
        await self.parts.lanes.idle()
        return "\n".join(post.text for post in self.discord.answers(question))

    async def ask(self, user: User, channel: Channel, text: str, **more: Any) -> str:
        """Somebody mentions Nellie; returns the answer."""
        text = f"{self.discord.bot.mention} {text}"
        return await self.answer_to(self.discord.say(user, channel, text, **more))

    async def slash(
        self, user: User, channel: Channel, name: str, /, **options: Any
    ) -> Interaction:
        """A slash command, once its response is whole."""
        interaction = self.discord.slash(user, channel, name, **options)
        await self.discord.until(lambda: interaction.shown and not interaction.thinking)
        await self.parts.lanes.idle()
        return interaction

    async def texts(self) -> list[str]:
        """All that is remembered anywhere, in order."""
        found: list[str] = []
        for state in await self.parts.stores.channels.all():
            walk = self.parts.stores.messages.read_in_order(state.channel, state.id)
            found += [message.text async for message in walk]
        return found

    async def stop_adapter(self) -> None:
        """The adapter ends, as at SIGTERM; the core goes on."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


def is_caught_up(adapter: DiscordAdapter) -> bool:
    """Whether it is connected, and has read what it had missed."""
    connection = adapter._connection
    return bool(connection and connection.events.online and connection.backfill.caught_up.is_set())


@asynccontextmanager
async def opened(
    discord: Discord,
    database: Database,
    *,
    model: ScriptedModel | None = None,
    environ: dict[str, str] | None = None,
    awaited: bool = True,
    toolbox: Toolbox | None = None,
    **settings: Any,
) -> AsyncIterator[NellieOnDiscord]:
    """Nellie, running; unless not `awaited`, it listens and has registered its commands."""
    model, chosen = model or ScriptedModel(), load(**settings)
    adapter = DiscordAdapter.configured({**discord.environ, **(environ or {})})
    assert adapter
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    async with started(chosen, database, models, [adapter], toolbox=toolbox) as parts:
        running = adapter.run(parts.inbox, parts.turns, parts.commands)
        nellie = NellieOnDiscord(
            parts=parts,
            model=model,
            adapter=adapter,
            discord=discord,
            database=database,
            running=asyncio.create_task(running),
        )
        try:
            if awaited:
                await discord.until(lambda: discord.interactions.synced and is_caught_up(adapter))
            yield nellie
        finally:
            await nellie.stop_adapter()

"""Nellie on the double: the real adapter on the real discord.py, the real engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from doubles.discord.double import Discord
from doubles.discord.guild import Place, Post, User
from doubles.discord.interactions import Interaction
from doubles.model import Actor

from adapters.discord.adapter import Discord as Adapter
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.database import Database


@dataclass
class Nellie:
    """She is there, and what stands around her."""

    engine: Engine
    model: Actor
    adapter: Adapter
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

    async def leave(self) -> None:
        """The adapter ends, as at SIGTERM; the engine goes on."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


def listens(adapter: Adapter) -> bool:
    """Whether she is connected, and has read what she had missed."""
    client = adapter._client
    return bool(client and client.online and client.caught_up.is_set())


@asynccontextmanager
async def opened(
    discord: Discord,
    database: Database,
    *,
    model: Actor | None = None,
    environ: dict[str, str] | None = None,
    awaited: bool = True,
    **settings: Any,
) -> AsyncIterator[Nellie]:
    """Nellie, running; unless not `awaited`, she listens and has synced her commands."""
    model, chosen = model or Actor(), load(**settings)
    adapter = Adapter.configured({**discord.environ, **(environ or {})})
    assert adapter
    models = Models(chosen, loader=lambda names, given: Fallback([model], given))
    async with Engine(chosen, database, models, [adapter]) as engine:
        nellie = Nellie(
            engine, model, adapter, discord, database, asyncio.create_task(adapter.run(engine))
        )
        try:
            if awaited:
                await discord.until(lambda: discord.interactions.synced and listens(adapter))
            yield nellie
        finally:
            await nellie.leave()

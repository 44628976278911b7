"""Discord, as the house sees it. Light: the library behind it is loaded when it is configured."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from adapters.discord.settings import Settings
from bot.conversation import Channel, Message, Turn
from bot.ports import Adapter, Door, Finding, Posts

if TYPE_CHECKING:
    from adapters.discord.client import Client

LOOK = 0.1  # seconds between looks for a client that is logged in


@dataclass
class Discord(Adapter):
    """Servers, their threads, and direct messages."""

    settings: Settings
    name: str = "discord"
    _client: "Client | None" = None

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """With a token; None without. Raises SettingsError."""
        settings = Settings.read(environ)
        return cls(settings) if settings else None

    async def run(self, door: Door) -> None:
        """Stay connected until cancelled. Raises SettingsError for a token that is refused."""
        from adapters.discord.connection import connected

        async with aclosing(connected(self.settings, door)) as clients:
            async for self._client in clients:
                pass

    def connected(self) -> bool:
        """Whether there is a session with Discord's gateway."""
        return self._client is not None and self._client.online

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Stream an answer into its channel, or into the reply to its command."""
        from adapters.discord.delivery import deliver

        await deliver(await self._reached(), turn, text, posts)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """The messages of an answer, also those whose ids were never stored."""
        from adapters.discord.delivery import posted

        return await posted(await self._reached(), turn)

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was said in a channel and its public threads since then, oldest first."""
        from adapters.discord.past import history

        async with aclosing(history(await self._reached(), channel, after)) as messages:
            async for message in messages:
                yield message

    async def checks(self) -> AsyncIterator[Finding]:
        """What `nellie doctor` says of the application and its servers."""
        from adapters.discord.checks import checks

        async with aclosing(checks(self.settings)) as findings:
            async for finding in findings:
                yield finding

    async def _reached(self) -> "Client":
        """The client, once it has logged in and as long as it is good for requests."""
        # Not an event: discord.py closes it by itself.
        while not self._client or self._client.is_closed():  # noqa: ASYNC110
            await asyncio.sleep(LOOK)
        return self._client

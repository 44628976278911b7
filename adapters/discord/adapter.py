"""Discord, as the core calls it. Light: the libraries are loaded once Discord is configured."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Self

from adapters.discord.identify_pace import IdentifyPace
from adapters.discord.settings import DiscordSettings
from bot.domain.documents import PostedFile
from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Finding, Inbox, TurnControl
from bot.domain.standing import Place, Standing

if TYPE_CHECKING:
    from adapters.discord.connection import Connection
    from adapters.discord.readers import Readers

CHECK_EVERY = 0.1  # seconds between looks for a connection that has logged in


@dataclass
class DiscordAdapter(Adapter):
    """The servers that one bot is in, their threads, and its direct messages."""

    settings: DiscordSettings
    name: str = "discord"
    finds_posts: bool = True
    identify_pace: IdentifyPace = field(default_factory=IdentifyPace)
    """Kept when `run` is called again: a restart begins a session too."""
    _connection: "Connection | None" = None
    _readers: "Readers | None" = None

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """With a token; None without. Raises SettingsError, which names what is wrong."""
        settings = DiscordSettings.read(environ)
        return cls(settings) if settings else None

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Stay connected until cancelled. Raises SettingsError for a token that is refused."""
        from adapters.discord.connection import connections

        logins = connections(
            self.settings,
            inbox=inbox,
            turns=turns,
            commands=commands,
            identify_pace=self.identify_pace,
        )
        async with aclosing(logins):
            async for self._connection in logins:
                pass

    def connected(self) -> bool:
        """Whether there is a session with Discord's gateway."""
        return self._connection is not None and self._connection.events.online

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show the answer in its channel, or as the response to its command."""
        connection = await self._wait_for_connection()
        await connection.delivery.deliver(turn, text, delivery_log)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """The messages of an answer, also those whose ids were never stored."""
        connection = await self._wait_for_connection()
        return await connection.own_posts.find(turn)

    async def quoted(self, turn: Turn) -> Sequence[Message]:
        """The message from whose menu a question was asked."""
        connection = await self._wait_for_connection()
        return await connection.quoted.read(turn)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """Whether a person may manage the server."""
        from adapters.discord.rights import may_manage

        connection = await self._wait_for_connection()
        return await may_manage(connection.client, channel.workspace, person_id)

    async def is_member(self, workspace: str, person_id: str) -> bool | None:
        """Whether a person is on the server; for direct messages, on any server with Nellie."""
        from adapters.discord.readers import is_member

        connection = self._connection
        if connection is None or connection.client.is_closed():
            return None
        return await is_member(connection.client, workspace, person_id)

    async def may_read(self, channel: Channel, person_id: str) -> bool | None:
        """Whether a person sees the channel and what was said there.

        None without a session: only there Discord tells of changed roles and channels.
        """
        from adapters.discord.readers import Readers, may_read

        connection = self._connection
        if connection is None or connection.client.is_closed() or not connection.events.online:
            return None
        self._readers = self._readers or Readers()
        return await may_read(connection.client, self._readers, channel, person_id)

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Which of many channels a person sees, as far as the gateway has told of them."""
        from adapters.discord.readers import Readers, readable

        connection = self._connection
        if connection is None or connection.client.is_closed() or not connection.events.online:
            return {}
        self._readers = self._readers or Readers()
        return await readable(connection.client, self._readers, channels, person_id)

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        """A file of a message, in pieces; where its address has expired, from a new one."""
        connection = await self._wait_for_connection()
        async with aclosing(
            connection.files.open(channel, message_id, file, small=small)
        ) as pieces:
            async for piece in pieces:
                yield piece

    async def beside(self, turn: Turn) -> Sequence[Message]:
        """What bots that are not heard posted in its thread, or what it replies to."""
        connection = await self._wait_for_connection()
        return await connection.unheard_bots.read(turn)

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was said in a channel and its public threads since then, oldest first."""
        connection = await self._wait_for_connection()
        async with aclosing(connection.history.read(channel, after)) as messages:
            async for message in messages:
                yield message

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        """What stands in a span of a channel or of one of its threads."""
        connection = await self._wait_for_connection()
        async with aclosing(connection.review.read(channel, place, edited_since)) as found:
            async for standing in found:
                yield standing

    async def checks(self) -> AsyncIterator[Finding]:
        """What `nellie doctor` says of the application and its servers."""
        from adapters.discord.doctor_checks import checks

        async with aclosing(checks(self.settings)) as findings:
            async for finding in findings:
                yield finding

    async def _wait_for_connection(self) -> "Connection":
        """The connection, once it has logged in and as long as it is good for requests."""
        # Not an event: discord.py closes its client by itself.
        while not self._connection or self._connection.client.is_closed():  # noqa: ASYNC110
            await asyncio.sleep(CHECK_EVERY)
        return self._connection

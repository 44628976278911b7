"""An adapter's connection that hears what happens on a loopback Discord, without a network."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from doubles.discord_server import Channel as DiscordChannel
from doubles.discord_server import Discord

from adapters.discord.connection import Connection
from adapters.discord.identify_pace import IdentifyPace
from adapters.discord.settings import DiscordSettings
from bot.domain.documents import PostedFile
from bot.domain.model import Channel, Message


class RecordingInbox:
    """An inbox that writes down what comes in."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.edits: list[tuple[Channel, str, str]] = []
        self.edited_files: dict[str, tuple[PostedFile, ...]] = {}
        self.deletions: list[tuple[Channel, str]] = []
        self.reposts: list[tuple[str, Message]] = []
        self.names: list[str] = []
        self.removals: list[tuple[Channel, str]] = []

    async def receive(self, message: Message) -> None:
        self.received.append(message)

    async def edited(
        self,
        channel: Channel,
        message_id: str,
        text: str,
        at: datetime | None = None,
        files: Sequence[PostedFile] | None = None,
    ) -> None:
        self.edits.append((channel, message_id, text))
        if files is not None:
            self.edited_files[message_id] = tuple(files)

    async def reposted(self, former_id: str, message: Message) -> None:
        self.reposts.append((former_id, message))

    async def deleted(self, channel: Channel, message_id: str) -> None:
        self.deletions.append((channel, message_id))

    async def removed(self, channel: Channel, thread: str = "") -> None:
        self.removals.append((channel, thread))

    async def renamed(self, channel: Channel) -> None:
        self.names.append(channel.name)


class Listener:
    """A connection that hears what happens in a small world, with no network between."""

    def __init__(self, discord: Discord, *bots: int) -> None:
        self.inbox = RecordingInbox()
        self.connection = Connection.build(
            DiscordSettings(token="token", bots=frozenset(bots)),
            inbox=self.inbox,  # type: ignore[arg-type]  # as much as is called
            turns=None,  # type: ignore[arg-type]  # nobody asks for it
            commands=None,  # type: ignore[arg-type]  # nor for this
            identify_pace=IdentifyPace(),
        )
        client = self.connection.client
        client.loop = client._connection.loop = asyncio.get_running_loop()
        discord.world.gateway.emit = self.hear  # type: ignore[method-assign]
        for name, data in discord.world.welcome():
            self.hear(name, data | {"resume_gateway_url": "", "session_id": ""})

    def hear(self, name: str, data: Any, *, plain: Any = None) -> None:
        parse = self.connection.client._connection.parsers.get(name)
        if parse:
            parse(json.loads(json.dumps(data)))

    async def settled(self) -> RecordingInbox:
        """What came in, once everything is handled."""
        for _ in range(3):  # dispatch, its handler, the inbox
            await asyncio.sleep(0)
            await self.connection.event_queue.idle()
        return self.inbox

    async def heard(self) -> Message:
        """The one message that came in since the last call."""
        [message] = (await self.settled()).received
        self.inbox.received.clear()
        return message


def to_channel(where: DiscordChannel) -> Channel:
    """The channel of memory that a channel of the loopback Discord is."""
    return Channel("discord", where.guild or "@me", where.id)

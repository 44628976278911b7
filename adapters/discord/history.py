"""History: what was said in a channel and its threads, in order."""

import heapq
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import discord

from adapters.discord.client import Client
from adapters.discord.garbled import is_garbled
from adapters.discord.incoming import DIRECT, Location
from adapters.discord.pages import Readable, read_posts, tell_left_out
from bot.domain.model import Channel, Message

ARCHIVED_SOONEST = timedelta(hours=1)  # a quiet thread is not archived before that

LocatedMessage = tuple[discord.Message, Location]


@dataclass(frozen=True, slots=True)
class History:
    """Reads the history of channels, a page at a time."""

    client: Client

    async def read(self, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
        """What Nellie would have heard since then, oldest first. Raises discord.py's errors."""
        sources = [
            self._messages(source, location, after)
            async for source, location in self._sources(channel, after)
        ]
        async with aclosing(_merge(sources)) as messages:
            async for message, location in messages:
                if read := await self._read(message, location):
                    yield read

    async def _read(self, message: discord.Message, location: Location) -> Message | None:
        """None where it says nothing, where its author is not heard, and where it is garbled."""
        try:
            if self.client.listens_to(message):
                return await self.client.read_message(message, location)
        except Exception as error:
            if not is_garbled(error):
                raise
            tell_left_out(message.channel.id, error)
        return None

    async def _sources(
        self, channel: Channel, after: datetime
    ) -> AsyncIterator[tuple[Readable, Location]]:
        """The channel and its threads, without those in which nothing is new."""
        if channel.workspace == DIRECT:
            yield self.client.get_partial_messageable(int(channel.id)), Location(channel)
            return
        guild = self.client.get_guild(int(channel.workspace))
        parent = guild.get_channel_or_thread(int(channel.id)) if guild else None
        if parent is None:  # that is not "nothing new": it is read when Nellie sees it again
            raise discord.ClientException("this channel cannot be seen now")
        if isinstance(parent, Readable) and is_newer(parent.last_message_id, after):
            yield parent, Location(channel)
        for thread in await list_threads(parent, after):
            if is_newer(thread.last_message_id, after):
                yield thread, Location(channel, str(thread.id))

    async def _messages(
        self, source: Readable, location: Location, after: datetime
    ) -> AsyncGenerator[LocatedMessage]:
        since = max(0, discord.utils.time_snowflake(after) - 1)
        async for post in read_posts(self.client, source, after=since):
            if isinstance(post, discord.Message):
                yield post, location


async def list_threads(channel: object, after: datetime) -> list[discord.Thread]:
    """The public threads of a channel, also those archived since then."""
    if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
        return []
    found = {thread.id: thread for thread in channel.threads if not thread.is_private()}
    if datetime.now(UTC) - after >= ARCHIVED_SOONEST:
        async for thread in channel.archived_threads(limit=None):
            if thread.archive_timestamp < after:
                break
            found[thread.id] = thread
    return list(found.values())


def is_newer(last_message_id: int | None, after: datetime) -> bool:
    """Whether a channel's last message is newer, as far as is known."""
    if last_message_id is None:
        return False
    return discord.utils.snowflake_time(last_message_id) >= after


async def _merge(sources: list[AsyncGenerator[LocatedMessage]]) -> AsyncGenerator[LocatedMessage]:
    """Several histories as one, by time; each is read a page at a time."""
    heads: list[tuple[int, int, LocatedMessage]] = []

    async def advance(number: int) -> None:
        async for located in sources[number]:
            heapq.heappush(heads, (located[0].id, number, located))
            return

    try:
        for number in range(len(sources)):
            await advance(number)
        while heads:
            _, number, located = heapq.heappop(heads)
            yield located
            await advance(number)
    finally:
        for source in sources:
            await source.aclose()

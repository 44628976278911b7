"""What is gone on Discord: servers that Nellie left or was shown out of, channels and threads."""

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.event_queue import EventQueue
from adapters.discord.garbled import is_garbled
from adapters.discord.incoming import DIRECT, PLATFORM, locate
from adapters.discord.retries import TRANSIENT_ERRORS, retry_request
from bot.domain.model import Channel
from bot.domain.ports import Inbox

_PRIVATE = discord.ChannelType.private_thread

log = structlog.get_logger(__name__, platform="discord")


class Removals:
    """Tells the inbox. What is archived or hidden is not gone, nor is a server with an outage."""

    def __init__(self, *, client: Client, inbox: Inbox, event_queue: EventQueue) -> None:
        self._client = client
        self._inbox = inbox
        self._event_queue = event_queue
        self._kept: set[str] = set()
        """Channels that are in no cache and of which Discord was asked: archived threads, say."""
        self._one_look = asyncio.Lock()
        for handler in (
            self.on_guild_remove,
            self.on_guild_channel_delete,
            self.on_raw_thread_delete,
        ):
            client.event(handler)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._event_queue.put(guild.id, lambda: self._remove_server(str(guild.id)))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if location := locate(channel):
            self._event_queue.put(channel.id, lambda: self._inbox.removed(location.channel))

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        guild, thread = str(event.guild_id), str(event.thread_id)
        if event.thread_type is _PRIVATE:
            channel, thread = Channel(PLATFORM, guild, thread), ""
        else:
            channel = Channel(PLATFORM, guild, str(event.parent_id))
        self._event_queue.put(event.parent_id, lambda: self._inbox.removed(channel, thread))

    async def look_for(self) -> None:
        """Find out what became of remembered channels that nothing is heard of any more."""
        async with self._one_look:
            for channel in await self._inbox.known_channels(PLATFORM):
                if channel.workspace == DIRECT or channel.id in self._kept:
                    continue
                try:
                    await self._look_for(channel)
                except (discord.HTTPException, *TRANSIENT_ERRORS) as error:  # the next look may
                    log.info("channel_not_found_out", id=channel.id, error=type(error).__name__)

    async def look_for_threads(self, channel: Channel) -> None:
        """Find out which remembered threads of a channel are gone. Raises discord.py's errors."""
        guild = self._client.get_guild(int(channel.workspace))
        parent = guild.get_channel(int(channel.id)) if guild and not guild.unavailable else None
        if guild is None or not isinstance(parent, discord.TextChannel | discord.ForumChannel):
            return
        unseen = set(await self._inbox.known_threads(channel, f"/channels/{guild.id}/"))
        unseen -= {str(thread.id) for thread in parent.threads}
        if unseen:
            try:
                async for archived in parent.archived_threads(limit=None):
                    unseen.discard(str(archived.id))
            except Exception as error:
                if not is_garbled(error):  # each is asked for, then
                    raise
        for thread in unseen:
            if thread.isdecimal() and await self._is_gone_thread(int(thread)):
                await self._inbox.removed(channel, thread)

    async def _is_gone_thread(self, id_: int) -> bool:
        return await _is_gone(lambda: self._client.fetch_channel(id_), forbidden=False)

    async def _look_for(self, channel: Channel) -> None:
        client, server_id, id_ = self._client, int(channel.workspace), int(channel.id)
        server = client.get_guild(server_id)
        if server is None:
            # To who is not in it, Discord does not show a server.
            gone = await _is_gone(lambda: client.fetch_guild(server_id, with_counts=False))
        elif server.unavailable or server.get_channel_or_thread(id_):
            return
        else:
            gone = await _is_gone(lambda: client.fetch_channel(id_), forbidden=False)
        if gone:
            await self._inbox.removed(channel)
        else:
            self._kept.add(channel.id)

    async def _remove_server(self, guild_id: str) -> None:
        for channel in await self._inbox.known_channels(PLATFORM, guild_id):
            await self._inbox.removed(channel)


async def _is_gone(request: Callable[[], Awaitable[object]], *, forbidden: bool = True) -> bool:
    """Whether there is no such thing; `forbidden` where what is not shown is none either."""
    try:
        await retry_request(request)
    except discord.NotFound:
        return True
    except discord.Forbidden:
        return forbidden
    except Exception as error:
        if not is_garbled(error):  # it is there, whatever it is
            raise
    return False

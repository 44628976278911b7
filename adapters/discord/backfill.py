"""Which channels are read in after an absence, and where Nellie introduces herself."""

from collections.abc import Iterable
from dataclasses import dataclass

import discord
import structlog

from adapters.discord.client import Client, can_read
from adapters.discord.event_queue import EventQueue
from adapters.discord.incoming import DIRECT, PLATFORM, locate
from adapters.discord.retries import NO_MENTIONS
from bot.domain.model import Channel
from bot.domain.ports import Inbox

AT_ONCE = 4  # channels that are read at the same time

_CHANNELS = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.ForumChannel,
    discord.Thread,
)

log = structlog.get_logger(__name__, platform="discord")


@dataclass(frozen=True, slots=True)
class Source:
    """A channel to be read."""

    channel: Channel
    introduce: bool = False
    """Nellie introduces herself here, if she has not done so yet."""

    @property
    def id(self) -> str:
        """Discord's id of it."""
        return self.channel.id


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReader:
    """Lists the channels and reads them (adapters.kit.backfill_loop.HistoryReader, Reviewer)."""

    client: Client
    inbox: Inbox
    event_queue: EventQueue

    async def list_channels(self) -> list[Source]:
        """The channels of all servers, then the direct messages."""
        found: list[Source] = []
        for guild in self.client.guilds:
            try:
                found += _sources(guild)
            except Exception as error:  # of a garbled server, say: the next round may do it
                log.warning("server_not_listed", server=guild.id, error=type(error).__name__)
        direct = await self.inbox.known_channels(PLATFORM, DIRECT)
        return found + [Source(channel) for channel in direct]

    async def read_channel(self, source: Source) -> None:
        """Read one channel in, after the events that wait for it: live ones come first."""
        await self.event_queue.wait_until_empty(int(source.id))
        try:
            if source.introduce:
                await self._join(source.channel)
            else:
                await self.inbox.catch_up(source.channel)
        except discord.Forbidden:
            log.info("channel_not_readable", channel=source.id)

    async def review_channel(self, source: Source, *, thorough: bool) -> None:
        """Take over what was deleted or edited in a channel while nobody listened."""
        await self.event_queue.wait_until_empty(int(source.id))
        try:
            await self.inbox.review(source.channel, thorough=thorough)
        except discord.Forbidden:
            log.info("channel_not_readable", channel=source.id)

    async def _join(self, channel: Channel) -> None:
        if introduction := await self.inbox.joined(channel):
            await self.client.get_partial_messageable(int(channel.id)).send(
                introduction, allowed_mentions=NO_MENTIONS, suppress_embeds=True
            )


def _sources(guild: discord.Guild) -> Iterable[Source]:
    """The channels of a server that Nellie can read, with the private threads she is in."""
    lobby = _lobby(guild)  # one introduction in a server, not one in each channel
    private = [thread for thread in guild.threads if thread.is_private()]
    for channel in (*guild.channels, *private):
        readable = isinstance(channel, _CHANNELS) and can_read(channel)
        if readable and (location := locate(channel)):
            invited = isinstance(channel, discord.Thread)  # somebody brought her into it
            yield Source(location.channel, introduce=invited or channel is lobby)


def _lobby(guild: discord.Guild) -> discord.TextChannel | None:
    """Where a newcomer introduces herself: the system channel, else the first that takes it."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel and channel.permissions_for(guild.me).send_messages and can_read(channel):
            return channel
    return None

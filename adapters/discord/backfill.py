"""Which channels are read in after an absence; Nellie introduces herself before the first time."""

from collections.abc import Iterable
from dataclasses import dataclass

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.event_queue import EventQueue
from adapters.discord.incoming import DIRECT, PLATFORM, locate
from adapters.discord.removals import Removals
from adapters.discord.rights import can_read, can_write
from adapters.kit.background_tasks import BackgroundTasks
from bot.domain.errors import NotIntroduced
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
    writable: bool = True
    """Nellie may post here, and so introduce herself before she reads."""
    shows_posts: bool = True
    """It is no forum, which shows posts in its threads alone, nor a direct message."""

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
    removals: Removals
    background: BackgroundTasks

    async def list_channels(self) -> list[Source]:
        """The channels of all servers, then the direct messages; what is gone is looked for."""
        self.background.start(self.removals.look_for(), "what is gone")
        found: list[Source] = []
        for guild in self.client.guilds:
            try:
                found += _sources(guild)
            except Exception as error:  # of a garbled server, say: the next round may do it
                log.warning("server_not_listed", server=guild.id, error=type(error).__name__)
        direct = await self.inbox.known_channels(PLATFORM, DIRECT)
        return found + [Source(channel, shows_posts=False) for channel in direct]

    async def read_channel(self, source: Source) -> None:
        """Read one channel in, after the events that wait for it: live ones come first."""
        await self.event_queue.wait_until_empty(int(source.id))
        try:
            if not source.shows_posts:
                await self.inbox.catch_up(source.channel)
            elif source.writable:
                await self.inbox.joined(source.channel)
            else:
                raise NotIntroduced(reason=f"she may not write in {source.channel.name}")
        except discord.Forbidden:
            log.info("channel_not_readable", channel=source.id)

    async def review_channel(self, source: Source, *, thorough: bool) -> None:
        """Take over what was deleted or edited in a channel while nobody listened."""
        await self.event_queue.wait_until_empty(int(source.id))
        try:
            await self.inbox.review(source.channel, thorough=thorough)
            if thorough and source.channel.workspace != DIRECT:
                await self.removals.look_for_threads(source.channel)
        except discord.Forbidden:
            log.info("channel_not_readable", channel=source.id)


def _sources(guild: discord.Guild) -> Iterable[Source]:
    """The channels of a server that Nellie can read, with the private threads she is in."""
    private = [thread for thread in guild.threads if thread.is_private()]
    for channel in (*guild.channels, *private):
        readable = isinstance(channel, _CHANNELS) and can_read(channel)
        if readable and (location := locate(channel)):
            yield Source(
                location.channel,
                writable=can_write(channel),
                shows_posts=not isinstance(channel, discord.ForumChannel),
            )

"""Coming in, and coming back: every channel is read up to now, and a new server hears who came."""

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import suppress

import discord
import structlog

from adapters.discord import incoming
from adapters.discord.client import Client, readable
from adapters.discord.incoming import DIRECT
from adapters.discord.requests import BROKEN, NOBODY
from bot.conversation import Channel
from bot.errors import DatabaseUnavailable

HOURLY = 3600  # seconds
AT_ONCE = 4  # channels that are read at the same time
PATIENCE = 5  # seconds before another attempt when the database is away

log = structlog.get_logger(__name__)


async def keep_up(client: Client) -> None:
    """Catch up whenever something may have been missed, and hourly, until cancelled."""
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(client.arrived.wait(), HOURLY)
        client.arrived.clear()
        try:
            await _everywhere(client)
        except DatabaseUnavailable:
            await asyncio.sleep(PATIENCE)
            client.arrived.set()


async def _everywhere(client: Client) -> None:
    some = asyncio.Semaphore(AT_ONCE)
    work = [_server(client, guild, some) for guild in client.guilds]
    await asyncio.gather(*work, _direct_messages(client, some))


async def _server(client: Client, guild: discord.Guild, some: asyncio.Semaphore) -> None:
    known = {channel.id for channel in await client.door.channels(str(guild.id))}
    stage = None if known else _stage(guild)  # one introduction in a server, not one a channel
    work = []
    for channel in _channels(guild):
        if channel.id in known:
            work.append(_one(client.door.catch_up(channel), channel, some))
        else:
            aloud = channel.id == str(stage) or _is_thread(guild, channel)
            work.append(_one(_join(client, channel, aloud=aloud), channel, some))
    await asyncio.gather(*work)


async def _join(client: Client, channel: Channel, *, aloud: bool) -> None:
    introduction = await client.door.joined(channel)
    if introduction and aloud:
        await client.get_partial_messageable(int(channel.id)).send(
            introduction, allowed_mentions=NOBODY, suppress_embeds=True
        )


def _stage(guild: discord.Guild) -> int | None:
    """Where a newcomer says who they are: the system channel, else the first that takes it."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel and channel.permissions_for(guild.me).send_messages and readable(channel):
            return channel.id
    return None


def _is_thread(guild: discord.Guild, channel: Channel) -> bool:
    return guild.get_thread(int(channel.id)) is not None


async def _direct_messages(client: Client, some: asyncio.Semaphore) -> None:
    known = await client.door.channels(DIRECT)
    await asyncio.gather(
        *(
            _one(client.door.catch_up(channel), channel, some)
            for channel in known
            if channel.platform == incoming.PLATFORM
        )
    )


def _channels(guild: discord.Guild) -> Iterable[Channel]:
    """The channels of a server that she can read; a private thread she is in is one."""
    spoken = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.ForumChannel)
    private = [thread for thread in guild.threads if thread.is_private()]
    for channel in (*guild.channels, *private):
        wanted = isinstance(channel, (*spoken, discord.Thread)) and readable(channel)
        if wanted and (where := incoming.place(channel)):
            yield where.channel


async def _one(work: Awaitable[object], channel: Channel, some: asyncio.Semaphore) -> None:
    async with some:
        try:
            await work
        except DatabaseUnavailable:
            raise
        except discord.Forbidden:
            log.info("a channel cannot be read", channel=channel.id)
        except (discord.HTTPException, *BROKEN) as error:  # the next hour may succeed
            log.warning("a channel was not read", channel=channel.id, error=type(error).__name__)

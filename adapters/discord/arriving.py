"""Coming in, and coming back: every channel is read up to now, and a new server hears who came."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TypeVar

import discord
import structlog

from adapters.discord import incoming
from adapters.discord.client import Client, readable
from adapters.discord.incoming import DIRECT
from adapters.discord.requests import NOBODY
from bot.conversation import Channel
from bot.errors import DatabaseUnavailable

HOURLY = 3600  # seconds
AT_ONCE = 4  # channels that are read at the same time
PATIENCE = 5  # seconds before another attempt when the database is away

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def keep_up(client: Client) -> None:
    """Catch up whenever something may have been missed, and hourly, until cancelled."""
    while True:
        with suppress(TimeoutError):
            # Not wait_for, which may swallow a cancellation in Python 3.11.
            async with asyncio.timeout(HOURLY):
                await client.arrived.wait()
        client.arrived.clear()
        client.caught_up.clear()
        some = asyncio.Semaphore(AT_ONCE)
        work = [_server(client, guild, some) for guild in client.guilds]
        done = await asyncio.gather(*work, _direct_messages(client, some), return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):  # of a garbled server, say: the next round may do it
                log.warning("history was not read", error=type(error).__name__)
        client.caught_up.set()


async def _server(client: Client, guild: discord.Guild, some: asyncio.Semaphore) -> None:
    stage = _stage(guild)  # one introduction in a server, not one in each channel
    steps = []
    for channel in _channels(guild):
        own = guild.get_thread(int(channel.id)) is not None  # somebody brought her into it
        step = partial(_join if own or channel.id == stage else _catch_up, client, channel)
        steps.append((step, channel))
    await asyncio.gather(*(_read(client, step, channel, some) for step, channel in steps))


async def _direct_messages(client: Client, some: asyncio.Semaphore) -> None:
    known = await _patiently(lambda: client.door.channels_of(incoming.PLATFORM, DIRECT))
    steps = [(partial(_catch_up, client, channel), channel) for channel in known]
    await asyncio.gather(*(_read(client, step, channel, some) for step, channel in steps))


async def _catch_up(client: Client, channel: Channel) -> None:
    await client.door.catch_up(channel)


async def _join(client: Client, channel: Channel) -> None:
    if introduction := await client.door.joined(channel):
        await client.get_partial_messageable(int(channel.id)).send(
            introduction, allowed_mentions=NOBODY, suppress_embeds=True
        )


def _stage(guild: discord.Guild) -> str:
    """Where a newcomer says who they are: the system channel, else the first that takes it."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel and channel.permissions_for(guild.me).send_messages and readable(channel):
            return str(channel.id)
    return ""


def _channels(guild: discord.Guild) -> Iterable[Channel]:
    """The channels of a server that she can read; a private thread she is in is one."""
    spoken = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.ForumChannel)
    private = [thread for thread in guild.threads if thread.is_private()]
    for channel in (*guild.channels, *private):
        wanted = isinstance(channel, (*spoken, discord.Thread)) and readable(channel)
        if wanted and (where := incoming.place(channel)):
            yield where.channel


async def _read(
    client: Client,
    step: Callable[[], Awaitable[object]],
    channel: Channel,
    some: asyncio.Semaphore,
) -> None:
    async with some:
        await asyncio.wait({client.inbox.put(int(channel.id), _nothing)})  # live ones come first
        try:
            await _patiently(step)
        except discord.Forbidden:
            log.info("a channel cannot be read", channel=channel.id)
        except Exception as error:  # whatever one channel does, the others are read
            log.warning("a channel was not read", channel=channel.id, error=type(error).__name__)


async def _nothing() -> None:
    return


async def _patiently(step: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await step()
        except DatabaseUnavailable:
            await asyncio.sleep(PATIENCE)

"""What was said while nobody listened: a channel's history and that of its threads, in order."""

import heapq
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import discord

from adapters.discord import incoming
from adapters.discord.client import Client
from adapters.discord.incoming import Place
from bot.conversation import Channel, Message

ARCHIVED_SOONEST = timedelta(hours=1)  # a quiet thread is not archived before that

Readable = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
    | discord.PartialMessageable
)  # fmt: skip


async def history(client: Client, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
    """What she would have heard, oldest first. Raises discord.py's errors."""
    sources = [
        _said(client, source, where, after)
        async for source, where in _sources(client, channel, after)
    ]
    async with aclosing(_merged(sources)) as messages:
        async for said, where in messages:
            if message := await client.message(said, where):
                yield message


async def _sources(
    client: Client, channel: Channel, after: datetime
) -> AsyncIterator[tuple[Readable, Place]]:
    """The channel and its threads, without those in which nothing is new."""
    if channel.workspace == incoming.DIRECT:
        yield client.get_partial_messageable(int(channel.id)), Place(channel)
        return
    guild = client.get_guild(int(channel.workspace))
    home = guild.get_channel_or_thread(int(channel.id)) if guild else None
    if home is None:  # not the same as nothing new: it is to be read when she sees it again
        raise discord.ClientException("this channel is not to be seen now")
    if isinstance(home, Readable) and is_newer(home.last_message_id, after):
        yield home, Place(channel)
    for thread in await _threads(home, after):
        if is_newer(thread.last_message_id, after):
            yield thread, Place(channel, str(thread.id))


async def _threads(home: object, after: datetime) -> list[discord.Thread]:
    """The public threads of a channel, those archived since then included."""
    if not isinstance(home, discord.TextChannel | discord.ForumChannel):
        return []
    found = {thread.id: thread for thread in home.threads if not thread.is_private()}
    if datetime.now(UTC) - after >= ARCHIVED_SOONEST:
        async for thread in home.archived_threads(limit=None):
            if thread.archive_timestamp < after:
                break
            found[thread.id] = thread
    return list(found.values())


def is_newer(last: int | None, after: datetime) -> bool:
    """Whether a channel's last message is newer, as far as anybody knows."""
    return last is not None and discord.utils.snowflake_time(last) >= after


Said = tuple[discord.Message, Place]


async def _said(
    client: Client, source: Readable, where: Place, after: datetime
) -> AsyncGenerator[Said]:
    since = discord.Object(max(0, discord.utils.time_snowflake(after) - 1))
    async for said in source.history(limit=None, after=since, oldest_first=True):
        if incoming.heard(said, client.own_id, client.settings.bots):
            yield said, where


async def _merged(sources: list[AsyncGenerator[Said]]) -> AsyncGenerator[Said]:
    """Several histories as one, by time; each is read a page at a time."""
    heads: list[tuple[int, int, Said]] = []

    async def advance(number: int) -> None:
        async for said in sources[number]:
            heapq.heappush(heads, (said[0].id, number, said))
            return

    try:
        for number in range(len(sources)):
            await advance(number)
        while heads:
            _, number, said = heapq.heappop(heads)
            yield said
            await advance(number)
    finally:
        for source in sources:
            await source.aclose()

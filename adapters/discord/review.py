"""What still stands in a channel or thread: its messages, read again."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import discord

from adapters.discord.client import Client
from adapters.discord.garbled import Garbled, is_garbled
from adapters.discord.history import list_threads
from adapters.discord.incoming import DIRECT, Location
from adapters.discord.pages import Readable, read_one, read_posts, tell_left_out
from adapters.discord.rights import can_read
from bot.domain.model import Channel, Message
from bot.domain.ports import Inbox
from bot.domain.standing import Place, Standing

SPAN = 500  # messages in one span, about
POSTS = 100  # of a forum, at most: those that are newest
TICK = timedelta(microseconds=1)
BEYOND = timedelta(milliseconds=2)  # ids tell milliseconds, and lose one when they are computed
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008  # Discord's codes

Stands = discord.Message | discord.Object
"""A message; of one that is garbled, its id."""
Span = tuple[Place, list[Stands]]


@dataclass(frozen=True, slots=True)
class Review:
    """Reads spans of the past again."""

    client: Client
    inbox: Inbox
    """Told of a thread that was deleted while nobody listened."""

    async def read(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncGenerator[Standing]:
        """What stands there (bot.domain.ports.Adapter.standing). Raises discord.py's errors."""
        location = Location(channel, place.thread)
        source = self._source(location)
        if isinstance(source, discord.ForumChannel):
            async for standing in self._posts(source, channel, place, edited_since):
                yield standing
            return
        if source is None:
            return
        try:
            async for span, messages in _spans(self.client, source, place):
                # Whoever may not read history is shown an empty one.
                if messages or await self._is_readable(source, location, place):
                    yield await self._standing(span, location, messages, edited_since)
        except discord.NotFound as error:  # the thread or channel itself is gone
            if place.thread and error.code == UNKNOWN_CHANNEL:
                await self.inbox.removed(channel, place.thread)

    async def _posts(
        self, forum: discord.ForumChannel, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncGenerator[Standing]:
        """The posts of a forum: each is a thread whose first message has the thread's id."""
        threads = await list_threads(forum, place.first)
        begun = [one for one in threads if place.first <= _began(one) <= place.last]
        for thread in sorted(begun, key=_began, reverse=True)[:POSTS]:
            span = replace(place, first=_began(thread), last=_began(thread))
            try:
                found = [
                    await read_one(self.client, thread, thread.id) or discord.Object(thread.id)
                ]
            except discord.NotFound as error:
                if error.code != UNKNOWN_MESSAGE:
                    continue  # the whole thread is gone: see removals.py
                found = []
            location = Location(channel, str(thread.id))
            yield await self._standing(span, location, found, edited_since)

    def _source(self, location: Location) -> Readable | discord.ForumChannel | None:
        """Where that is read; None where it may not be, or cannot be seen now."""
        channel = location.channel
        if channel.workspace == DIRECT:
            return self.client.get_partial_messageable(int(channel.id))
        guild = self.client.get_guild(int(channel.workspace))
        parent = guild.get_channel_or_thread(int(channel.id)) if guild else None
        if guild is None or parent is None or not can_read(parent):
            return None
        if location.thread:
            known = guild.get_thread(location.id)
            return known or self.client.get_partial_messageable(location.id, guild_id=guild.id)
        return parent if isinstance(parent, Readable | discord.ForumChannel) else None

    async def _is_readable(self, source: Readable, location: Location, place: Place) -> bool:
        """Whether nothing stands there, or nothing is shown to us. Raises discord.Forbidden."""
        try:
            await source.fetch_message(discord.utils.time_snowflake(place.last))
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
        return self._source(location) is not None

    def _edited_at(self, message: discord.Message) -> datetime | None:
        heard = self.client.listens_to(message) or self.client.may_be_a_copy(message)
        return message.edited_at if heard else None

    async def _read(self, message: discord.Message, location: Location) -> Message | None:
        """As its event would be read: what a proxy posted again is rewritten, and asks nothing."""
        if not self.client.may_be_a_copy(message):
            return await self.client.read_message(message, location)
        message.embeds = []  # the proxy's own
        read = await self.client.read_message(message, location)
        return replace(read, addressed=False) if read else None

    async def _standing(
        self, span: Place, location: Location, messages: list[Stands], since: datetime
    ) -> Standing:
        ids = {message.id for message in messages}
        edited: list[tuple[datetime, Message]] = []
        for message in messages:
            if not isinstance(message, discord.Message):
                continue
            try:
                if (at := self._edited_at(message)) and at >= since:
                    if read := await self._read(message, location):
                        edited.append((at, read))
                    else:  # it says nothing any more
                        ids.discard(message.id)
            except Exception as error:
                if not is_garbled(error):
                    raise
                tell_left_out(message.channel.id, error)
        return Standing(
            place=span,
            ids=frozenset(map(str, ids)),
            address=f"/channels/{location.channel.workspace}/{location.id}/",
            edited=tuple(edited),
            moment=_moment,
        )


def _began(thread: discord.Thread) -> datetime:
    return discord.utils.snowflake_time(thread.id)


def _moment(message_id: str) -> datetime | None:
    """When a message was posted; None where that is no id of Discord's."""
    is_id = message_id.isascii() and message_id.isdecimal() and len(message_id) < 20
    return discord.utils.snowflake_time(int(message_id)) if is_id else None


async def _spans(client: Client, source: Readable, place: Place) -> AsyncGenerator[Span]:
    """The messages of a place, oldest first, in spans that part no millisecond."""
    after = max(0, discord.utils.time_snowflake(place.first) - 1)
    before = discord.utils.time_snowflake(place.last + BEYOND)
    found: list[Stands] = []
    first = place.first
    async for message in read_posts(client, source, after=after, before=before):
        if message is None or (found and message.id < found[-1].id):
            raise Garbled("nobody knows which messages stand there")  # not: they were deleted
        if len(found) >= SPAN and message.created_at > (last := found[-1].created_at):
            yield replace(place, first=first, last=last), found
            found, first = [], last + TICK
        found.append(message)
    yield replace(place, first=first, last=place.last), found

"""What bots that are not heard post: read for a question about it, and remembered nowhere."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import discord

from adapters.discord.client import Client
from adapters.discord.garbled import is_garbled
from adapters.discord.incoming import Location
from adapters.discord.pages import read_newest, read_one, tell_left_out
from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Message, Turn

KEPT = 1_000  # of the newest posts of such bots
READ = 30  # messages of a thread that are looked through
SHOWN = 10  # posts of a thread that are read, and what began it


class UnheardBots:
    """The newest posts of bots that are not heard, by id; older ones are asked for."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._posts: BoundedCache[int, discord.Message] = BoundedCache(KEPT)
        self._since = datetime.now(UTC)
        """What is newer was seen, if it was such a bot's."""

    def note(self, message: discord.Message) -> None:
        """Keep a message that may be asked about, and one that somebody replies to."""
        reference = message.reference
        replied_to = reference.resolved if reference else None
        for one in (message, replied_to):
            if isinstance(one, discord.Message) and self._client.reads_beside(one):
                self._posts[one.id] = one

    def forget(self, message_ids: Iterable[int]) -> None:
        """These were deleted."""
        for message_id in message_ids:
            self._posts.pop(message_id, None)

    async def read(self, turn: Turn) -> list[Message]:
        """What stands in the question's thread, and what it replies to, oldest first."""
        trigger, location = turn.trigger, Location(turn.channel, turn.trigger.thread)
        found = (
            {post.id: post async for post in self._in_thread(location)} if trigger.thread else {}
        )
        if trigger.reply_to.isdecimal():
            found |= await self._one(location.id, int(trigger.reply_to))
        kept = [found[id_] for id_ in sorted(found)]
        read = [await self._read(post, location) for post in [*kept[:1], *kept[1:][-SHOWN:]]]
        return [message for message in read if message]

    async def _read(self, post: discord.Message, location: Location) -> Message | None:
        """None where it says nothing, and where it is garbled."""
        try:
            return await self._client.read_message(post, location)
        except Exception as error:
            if not is_garbled(error):
                raise
            tell_left_out(location.id, error)
        return None

    async def _in_thread(self, location: Location) -> AsyncIterator[discord.Message]:
        """Those of a thread, with the message that it began from, which stands in the channel."""
        for post in (await self._one(int(location.channel.id), location.id)).values():
            yield post
        for post in list(self._posts.values()):
            if post.channel.id == location.id:
                yield post
        if self._is_older(location.id):
            thread = self._client.get_partial_messageable(location.id)
            for post in await read_newest(self._client, thread, READ):
                if self._client.reads_beside(post):
                    yield post

    async def _one(self, channel_id: int, message_id: int) -> dict[int, discord.Message]:
        post = self._posts.get(message_id)
        if post is None and self._is_older(message_id):
            channel = self._client.get_partial_messageable(channel_id)
            try:
                post = await read_one(self._client, channel, message_id)
            except (discord.NotFound, discord.Forbidden):
                return {}
        return {message_id: post} if post and self._client.reads_beside(post) else {}

    def _is_older(self, id_: int) -> bool:
        return discord.utils.snowflake_time(id_) < self._since

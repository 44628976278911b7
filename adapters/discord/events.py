"""What the gateway reports: queued at once, and handed to the inbox channel by channel."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog

from adapters.discord import incoming
from adapters.discord.client import Client
from adapters.discord.delivery import Delivery
from adapters.discord.event_queue import Backfill, EventQueue
from adapters.discord.incoming import Location
from adapters.discord.reposts import Reposts
from adapters.discord.rights import can_read, can_write
from adapters.discord.unheard import UnheardBots
from adapters.kit.background_tasks import BackgroundTasks
from bot.domain.bounded_cache import BoundedCache
from bot.domain.ports import Inbox

REMEMBERED = 5_000  # of the newest messages: which of them were meant for Nellie

log = structlog.get_logger(__name__, platform="discord")


class Events:
    """The handlers of one client's events. Each is discord.py's name for an event."""

    def __init__(
        self,
        *,
        client: Client,
        inbox: Inbox,
        event_queue: EventQueue,
        backfill: Backfill,
        delivery: Delivery,
        unheard_bots: UnheardBots,
        background: BackgroundTasks,
    ) -> None:
        self.online = False
        """Whether there is a session with Discord's gateway."""
        self._client = client
        self._inbox = inbox
        self._event_queue = event_queue
        self._backfill = backfill
        self._delivery = delivery
        self._unheard_bots = unheard_bots
        self._reposts = Reposts(client=client, inbox=inbox, background=background, put=self._put)
        self._asked: BoundedCache[int, None] = BoundedCache(REMEMBERED)
        for handler in (
            self.on_ready,
            self.on_resumed,
            self.on_disconnect,
            self.on_message,
            self.on_raw_message_edit,
            self.on_raw_message_delete,
            self.on_raw_bulk_message_delete,
            self.on_guild_join,
            self.on_guild_available,
            self.on_guild_channel_create,
            self.on_guild_channel_update,
            self.on_guild_role_update,
            self.on_member_update,
            self.on_thread_join,
            self.on_thread_update,
        ):
            client.event(handler)

    # The session

    async def on_ready(self) -> None:
        log.info("connected", servers=len(self._client.guilds))
        self.online = True
        self._backfill.request()

    async def on_resumed(self) -> None:
        self.online = True

    async def on_disconnect(self) -> None:
        self.online = False

    # Messages

    async def on_message(self, message: discord.Message) -> None:
        def put() -> None:
            self._put(message.channel, lambda location: self._receive(message, location))

        self._unheard_bots.note(message)
        if self._reposts.takes(message, put) or not self._client.listens_to(message):
            return
        self._reposts.note(message)
        put()

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        message = event.message
        if message.edited_at:  # what a question is about is read anew
            self._client.services.questions.pending.changed([message.id])
        self._unheard_bots.note(message)
        if self._client.may_be_a_copy(message) and message.edited_at:
            self._put(message.channel, lambda location: self._edit_copy(message, location))
        if not self._client.listens_to(message):
            return
        # Without a time of the edit, Discord shows a link's preview, or what a bot was thinking of.
        if message.edited_at:
            self._put(message.channel, lambda location: self._edit(message, location))
        elif message.type in incoming.OF_COMMANDS:
            self._put(message.channel, lambda location: self._receive(message, location))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._delete(event.channel_id, event.guild_id, [event.message_id])

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._delete(event.channel_id, event.guild_id, sorted(event.message_ids))

    # Servers, channels and rights

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._backfill.request(thorough=False)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self._backfill.request()

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self._backfill.request(thorough=False)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        self._delivery.permissions_changed(after.id)
        if before.name != after.name:
            self._rename(after)
        if (can_read(before), can_write(before)) != (can_read(after), can_write(after)):
            self._backfill.request()

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        self._delivery.permissions_changed()
        if before.permissions != after.permissions:
            self._backfill.request()

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        if after.id == self._client.own_id and before.roles != after.roles:
            self._delivery.permissions_changed()
            self._backfill.request()

    async def on_thread_join(self, thread: discord.Thread) -> None:
        if thread.is_private():
            self._backfill.request(thorough=False)

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        self._delivery.permissions_changed(after.id)
        if after.is_private() and before.name != after.name:
            self._rename(after)

    # Into the queue

    def _put(self, channel: Any, step: Callable[[Location], Awaitable[None]]) -> None:
        """Queue a step; a thread's goes into the queue of its parent."""

        async def run() -> None:
            if location := await self._client.locate(channel):
                await step(location)

        self._event_queue.put(getattr(channel, "parent_id", None) or channel.id, run)

    def _delete(self, channel_id: int, guild_id: int | None, message_ids: list[int]) -> None:
        self._client.services.questions.pending.changed(message_ids)
        guild = self._client.get_guild(guild_id) if guild_id else None
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        unknown = self._client.get_partial_messageable(channel_id, guild_id=guild_id)

        def put(ids: list[int]) -> None:
            self._put(channel or unknown, lambda location: self._forget(location, ids))

        self._unheard_bots.forget(message_ids)
        gone = [id_ for id_ in message_ids if not self._reposts.keeps(channel_id, id_, put)]
        if gone:
            put(gone)

    def _rename(self, channel: discord.abc.GuildChannel | discord.Thread) -> None:
        location = incoming.locate(channel)
        if location and location.channel.name:
            self._event_queue.put(channel.id, lambda: self._inbox.renamed(location.channel))

    # Out of the queue

    async def _receive(self, message: discord.Message, location: Location) -> None:
        if received := await self._client.read_message(message, location):
            done = await self._inbox.receive(received)
            if done and done.turn:
                self._reposts.note_turn(message)
            if received.addressed:
                self._asked[message.id] = None

    async def _edit(self, message: discord.Message, location: Location) -> None:
        edited = await self._client.read_message(message, location)
        text, files = (edited.text, edited.files) if edited else ("", ())
        await self._inbox.edited(location.channel, str(message.id), text, message.edited_at, files)
        asks = edited and edited.addressed and not location.channel.direct
        if edited and asks and message.id not in self._asked:
            await self._inbox.receive(edited)
            self._asked[message.id] = None

    async def _edit_copy(self, message: discord.Message, location: Location) -> None:
        """Rewrite what a proxy posted again; of what is not remembered, nothing is taken in."""
        message.embeds = []  # the proxy's own
        if edited := await self._client.read_message(message, location):
            await self._inbox.edited(
                location.channel, edited.id, edited.text, message.edited_at, edited.files
            )

    async def _forget(self, location: Location, message_ids: list[int]) -> None:
        for message_id in message_ids:
            await self._inbox.deleted(location.channel, str(message_id))

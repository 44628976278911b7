"""The connection to Discord: what it reports is queued at once and handed to the door in order."""

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import discord
import structlog
from discord.state import ConnectionState

from adapters.discord import attachments, commands, incoming
from adapters.discord.asking import SOON, Asks
from adapters.discord.buttons import ITEMS
from adapters.discord.inbox import CutOff, Inbox
from adapters.discord.incoming import Place
from adapters.discord.outgoing import Pace
from adapters.discord.requests import persistently
from adapters.discord.settings import Settings
from bot.conversation import Message
from bot.errors import Refused
from bot.ports import Door

READY = 0.5  # seconds without another server until she is ready; late ones come in later

log = structlog.get_logger(__name__)


class Client(discord.Client):
    """One login: it caches no messages and no members."""

    def __init__(self, settings: Settings, door: Door, *, contents: bool) -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=contents
        )
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=READY,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.settings = settings
        self.door = door
        self.asks = Asks()
        self.arrived = asyncio.Event()
        """Set when history is to be read: she may have missed something."""
        self.caught_up = asyncio.Event()
        """Set while all that was missed has been read."""
        self.inbox = Inbox(self.arrived.set)
        self.silenced: set[int] = set()
        """Channels that refused what she said, until somebody changes a permission."""
        self.online = False
        """Whether there is a session with Discord's gateway."""
        self._paces: dict[int, Pace] = {}
        self._later: set[asyncio.Task[None]] = set()
        self.tree = commands.tree(self)

    def pace(self, channel: int) -> Pace:
        """The pace of edits that all answers in a channel share."""
        return self._paces.setdefault(channel, Pace(sharing=lambda: self.door.replicas))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something be done that nobody waits for."""
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Drop what waits; history brings it back."""
        await self.inbox.close()
        for task in self._later:
            task.cancel()
        await super().close()

    def dispatch(self, event: str, /, *args: Any, **more: Any) -> None:
        if not self.is_closed():  # after that discord.py has no loop to run it on
            super().dispatch(event, *args, **more)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*ITEMS)

    async def take_in(self, interaction: discord.Interaction[Any], question: Message) -> None:
        """Queue a question that came by a command; acknowledge it once committed, or soon."""
        ask = self.asks.add(interaction, private=question.private)
        taken = self.inbox.put(_home(interaction), lambda: self.door.receive(question))
        await asyncio.wait({taken}, timeout=SOON)
        await ask.acknowledge()
        await asyncio.wait({taken})
        if taken.cancelled() or taken.exception():
            await self._refuse(interaction, None if taken.cancelled() else taken.exception())

    async def on_ready(self) -> None:
        log.info("connected", servers=len(self.guilds))
        self.online = True
        self.arrived.set()

    async def on_resumed(self) -> None:
        self.online = True

    async def on_disconnect(self) -> None:
        self.online = False

    async def on_message(self, said: discord.Message) -> None:
        if self._hears(said):
            self._queue(said.channel, said, self._receive)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        said = event.message
        if said.edited_at and self._hears(said):  # else it is Discord that shows a link
            self._queue(said.channel, said, self._edit)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._forget(event.channel_id, event.guild_id, [event.message_id])

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._forget(event.channel_id, event.guild_id, sorted(event.message_ids))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.arrived.set()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self.arrived.set()

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.arrived.set()

    async def on_thread_join(self, thread: discord.Thread) -> None:
        if thread.is_private():
            self.arrived.set()

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        self.silenced.discard(after.id)
        if before.name != after.name and (where := incoming.place(after)):
            self.inbox.put(after.id, lambda: self.door.renamed(where.channel))
        if not readable(before) and readable(after):
            self.arrived.set()

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        self.silenced.discard(after.id)
        where = incoming.place(after)
        if after.is_private() and before.name != after.name and where:
            self.inbox.put(after.id, lambda: self.door.renamed(where.channel))

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        self.silenced.clear()

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        if after.id == self.own_id and before.roles != after.roles:
            self.silenced.clear()
            self.arrived.set()

    async def on_error(self, event: str, /, *args: Any, **more: Any) -> None:
        error = sys.exc_info()[1]
        log.error("an event failed", on=event, error=type(error).__name__)
        log.debug("an event failed", on=event, exc_info=error)

    @property
    def own_id(self) -> int:
        """Her user's id; 0 before login."""
        return self.user.id if self.user else 0

    async def message(self, said: discord.Message, where: Place) -> Message | None:
        """What was said in a place, with the text of its files; None where it is nothing."""
        files = await attachments.read(said.attachments) if said.attachments else []
        return incoming.message(said, where, self.own_id, files)

    def _hears(self, said: discord.Message) -> bool:
        return incoming.heard(said, self.own_id, self.settings.bots)

    def _queue(
        self,
        channel: Any,
        said: discord.Message,
        step: Callable[[discord.Message, Place], Awaitable[None]],
    ) -> None:
        async def resolved() -> None:
            if where := await self.where(channel):
                await step(said, where)

        self.inbox.put(getattr(channel, "parent_id", None) or channel.id, resolved)

    async def where(self, channel: Any) -> Place | None:
        """The place of a channel; one that is in no cache is looked up, patiently.

        Else a deletion would be lost, which history never tells of again.
        """
        if isinstance(channel, discord.PartialMessageable):
            try:
                channel = await persistently(_anyone, lambda: self.fetch_channel(channel.id))
            except (discord.NotFound, discord.Forbidden):
                return None
        return incoming.place(channel)

    async def _receive(self, said: discord.Message, where: Place) -> None:
        if message := await self.message(said, where):
            await self.door.receive(message)

    async def _edit(self, said: discord.Message, where: Place) -> None:
        message = await self.message(said, where)
        await self.door.edited(where.channel, str(said.id), message.text if message else "")

    def _forget(self, channel: int, guild: int | None, messages: list[int]) -> None:
        found = self.get_guild(guild).get_channel_or_thread(channel) if guild else None  # type: ignore[union-attr]
        found = found or self.get_partial_messageable(channel, guild_id=guild)

        async def forget() -> None:
            if where := await self.where(found):
                for message in messages:
                    await self.door.deleted(where.channel, str(message))

        self.inbox.put(getattr(found, "parent_id", None) or channel, forget)

    async def _refuse(
        self, interaction: discord.Interaction[Any], error: BaseException | None
    ) -> None:
        if isinstance(error, Refused):
            reason = str(error)
        elif isinstance(error, CutOff) or self.door.replicas > 1:
            return  # it may be kept, here or by another replica that heard it: then it is answered
        else:
            reason = commands.TOO_LATE
        try:
            await interaction.edit_original_response(content=reason)
        except discord.HTTPException as failed:
            log.warning("a reply was not shown", code=failed.code)

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        return Guarded(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http,
            **options,
        )  # fmt: skip


class Guarded(ConnectionState[Any]):
    """An event that Discord garbled is left out; the connection goes on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.parsers = {name: _guarded(name, parse) for name, parse in self.parsers.items()}


def _anyone() -> None:
    """Looking needs nobody's leave."""


def _guarded(name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(parse)
    def guarded(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # whatever a garbled event makes discord.py raise
            log.warning("an event was not understood", on=name, error=type(error).__name__)

    return guarded


def readable(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    """Whether she may see a channel and read what was said there before."""
    rights = channel.permissions_for(channel.guild.me)
    return rights.view_channel and rights.read_message_history


def _home(interaction: discord.Interaction[Any]) -> int:
    channel = interaction.channel
    return getattr(channel, "parent_id", None) or interaction.channel_id or 0

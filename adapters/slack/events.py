"""Events from Slack -> the inbox. What is handled here is committed before Slack is told so."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import structlog

from adapters.slack.backfill import Backfill
from adapters.slack.edit_order import EditOrder
from adapters.slack.file_events import FileEvents
from adapters.slack.home import Home
from adapters.slack.incoming import check_fields, is_direct, is_heard, read_edit, to_message
from adapters.slack.suggested_prompts import SuggestedPrompts
from adapters.slack.timestamps import change_time
from adapters.slack.workspace import Workspace
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import DatabaseUnavailable, Refused
from bot.domain.model import Channel, Message
from bot.domain.ports import Inbox, TurnControl
from bot.text.json_fields import read_field

# Of the newest messages. Slack sends at most 30,000 events an hour, and again for six minutes.
REMEMBERED = 3_000  # that they were received; later, Postgres still knows
SAID = 5_000  # their client_msg_id, which is known nowhere else

Event = dict[str, Any]
Handler = Callable[[Event], Awaitable[None]]
log = structlog.get_logger(__name__, platform="slack")


class Events:
    """Handles events by their type."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        inbox: Inbox,
        turns: TurnControl,
        home: Home,
        backfill: Backfill,
    ) -> None:
        self._workspace = workspace
        self._inbox = inbox
        self._turns = turns
        self._home = home
        self._backfill = backfill
        self._database_was_away = False
        self._channel_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._received: BoundedCache[tuple[str, str], bool] = BoundedCache(REMEMBERED)
        """The newest messages, by channel and ts: whether they were meant for Nellie."""
        self._edits = EditOrder()
        self._ts_by_client_msg_id: BoundedCache[tuple[str, str], str] = BoundedCache(SAID)
        self._prompts = SuggestedPrompts(workspace)
        self._files = FileEvents(workspace, inbox)

    @cached_property
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each type of event."""
        return {
            "message": self._message,
            "app_mention": self._message,
            "app_home_opened": self._app_home_opened,
            "agent_session_stopped": self._agent_session_stopped,
            "member_joined_channel": self._member_joined_channel,
            "member_left_channel": self._member_left_channel,
            "channel_left": self._channel_left,
            "group_left": self._channel_left,
            "channel_deleted": self._channel_deleted,
            "group_deleted": self._channel_deleted,
            "channel_rename": self._channel_renamed,
            "group_rename": self._channel_renamed,
            "channel_archive": self._channel_archived,
            "group_archive": self._channel_archived,
            "file_change": self._files.changed,
            "file_deleted": self._files.deleted,
            "tokens_revoked": self._tokens_revoked,
            "app_uninstalled": self._app_uninstalled,
        }

    async def handle(self, event: Event) -> None:
        """Handle an event; one of a type that has no handler is ignored.

        Raises DatabaseUnavailable (Slack has to deliver it again) and ValueError (malformed).
        """
        handler = self.handlers.get(read_field(event, "type", str))
        if handler is None:
            return
        try:
            await handler(event)
        except Refused as error:
            log.debug("message_refused", reason=str(error))
        except DatabaseUnavailable:
            self._database_was_away = True
            raise
        if self._database_was_away:
            self._database_was_away = False
            self._backfill.request()

    # Messages

    async def _message(self, event: Event) -> None:
        channel_id = read_field(event, "channel", str)
        lock = self._channel_locks.setdefault(channel_id, asyncio.Lock())
        async with lock:  # the messages of a channel keep their order
            subtype = read_field(event, "subtype", str, "")
            if subtype == "message_changed":
                await self._message_changed(channel_id, event)
            elif subtype == "message_deleted":
                await self._delete(channel_id, read_field(event, "deleted_ts", str))
            else:
                await self._message_posted(channel_id, check_fields(event))

    async def _message_posted(self, channel_id: str, event: Event) -> None:
        self._workspace.unheard_bots.note(channel_id, event)
        if self._is_known(channel_id, event) or not self._hears(event):
            return
        if not is_direct(event, channel_id):
            await self._workspace.directory.know_name(channel_id)
        key = channel_id, read_field(event, "ts", str)
        event = await self._files.described(self._edits.as_edited(key, event))
        message = await self._read(event)
        # Its message_changed may come later.
        if message.edited_at and self._edits.is_newest(key, event):
            await self._rewrite(message)
        await self._receive(message)
        self._files.describe_later(event, self._read)
        if client_msg_id := event.get("client_msg_id"):
            self._ts_by_client_msg_id[channel_id, client_msg_id] = event["ts"]

    def _is_known(self, channel_id: str, event: Event) -> bool:
        """A mention comes as two events, and any event may come again; an edit may add a mention.

        And Slack now and then delivers one message as two, with two times.
        """
        meant = self._received.get((channel_id, event.get("ts", "")))
        if meant is not None:
            return meant or not event.get("edited")
        first = self._ts_by_client_msg_id.get((channel_id, event.get("client_msg_id", "")))
        return first is not None and first != event.get("ts")

    async def _message_changed(self, channel_id: str, event: Event) -> None:
        edit = read_edit(event)
        if edit.is_deletion:
            await self._delete(channel_id, read_field(edit.message, "ts", str))
            return
        changed_at = read_field(event, "ts", str, "")
        self._workspace.unheard_bots.note(channel_id, edit.message, changed_at=changed_at)
        if not (edit.changes_text and self._hears(edit.message)):
            return
        key = channel_id, read_field(edit.message, "ts", str)
        if not self._edits.is_newest(key, edit.message, changed_at):
            return
        if key not in self._received:
            self._edits.keep_for(key, edit.message)
        where = {"channel": channel_id, "channel_type": event.get("channel_type")}
        described = await self._files.described({**edit.message, **where})
        message = await self._read(described)
        message = replace(message, edited_at=message.edited_at or change_time(event))
        await self._rewrite(message)
        self._files.describe_later(described, self._read)
        asks = self._workspace.identity.user_id in edit.adds_mention_of
        if asks and not message.channel.direct and not self._received.get((channel_id, message.id)):
            await self._receive(message)

    async def _read(self, fields: Event) -> Message:
        channel = self._channel(fields["channel"], fields)
        names = await self._workspace.directory.names_in([fields], channel.id)
        return to_message(fields, channel, self._workspace.identity, names)

    async def _rewrite(self, message: Message) -> None:
        channel, at = message.channel, message.edited_at
        await self._inbox.edited(channel, message.id, message.text, at, message.files)

    async def _receive(self, message: Message) -> None:
        await self._inbox.receive(message)
        self._received[message.channel.id, message.id] = message.addressed
        self._edits.forget((message.channel.id, message.id))

    async def _delete(self, channel_id: str, ts: str) -> None:
        self._edits.forget((channel_id, ts))
        await self._inbox.deleted(self._channel(channel_id), ts)

    def _hears(self, event: Event) -> bool:
        return is_heard(event, self._workspace.identity, self._workspace.settings.bots)

    def _channel(self, channel_id: str, event: Event | None = None) -> Channel:
        direct = is_direct(event or {}, channel_id)
        return self._workspace.directory.channel(channel_id, direct=direct)

    # Channels, and the app itself

    async def _member_joined_channel(self, event: Event) -> None:
        channel_id, person = read_field(event, "channel", str), read_field(event, "user", str)
        if person == self._workspace.identity.user_id:
            self._workspace.directory.forget(channel_id)
            self._workspace.unheard_bots.missed(channel_id)
            self._workspace.background.start(self._backfill.join(channel_id), "join")

    async def _member_left_channel(self, event: Event) -> None:
        channel_id, person = read_field(event, "channel", str), read_field(event, "user", str)
        self._workspace.members.forget(channel_id, person)
        if person == self._workspace.identity.user_id:
            await self._backfill.removals.left(channel_id)

    async def _channel_left(self, event: Event) -> None:
        await self._backfill.removals.left(read_field(event, "channel", str))

    async def _channel_deleted(self, event: Event) -> None:
        await self._backfill.removals.deleted(read_field(event, "channel", str))

    async def _channel_renamed(self, event: Event) -> None:
        channel = read_field(event, "channel", dict)
        id_, name = read_field(channel, "id", str), read_field(channel, "name", str)
        self._workspace.directory.rename(id_, name)
        await self._inbox.renamed(self._workspace.directory.channel(id_))

    async def _channel_archived(self, event: Event) -> None:
        self._workspace.directory.forget(read_field(event, "channel", str))

    async def _tokens_revoked(self, event: Event) -> None:
        revoked = read_field(read_field(event, "tokens", dict), "bot", list, [])
        if self._workspace.identity.user_id in revoked:
            await self._backfill.removals.uninstalled("its token was revoked")

    async def _app_uninstalled(self, event: Event) -> None:
        await self._backfill.removals.uninstalled("the app was uninstalled")

    # What people open, and Slack's Stop button

    async def _app_home_opened(self, event: Event) -> None:
        person = read_field(event, "user", str)
        if read_field(event, "tab", str, "home") == "home":
            self._workspace.background.start(self._home.publish(person), "home tab")
        else:
            offer = self._prompts.offer(read_field(event, "channel", str))
            self._workspace.background.start(offer, "suggested prompts")

    async def _agent_session_stopped(self, event: Event) -> None:
        channel_id = read_field(event, "channel", str)
        thread = read_field(event, "thread_ts", str, "")
        turn_id = self._workspace.running_turns.find(channel_id, thread)
        if turn_id is None and thread:  # another replica answers it
            turn_id = await self._turns.running(self._channel(channel_id), thread)
        if turn_id is not None:
            await self._turns.stop(turn_id)

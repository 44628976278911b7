"""Events from Slack -> the door. What is taken in here is committed before Slack is told so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from adapters.slack import files
from adapters.slack.home import Home
from adapters.slack.incoming import (
    TOMBSTONE,
    Names,
    checked,
    is_direct,
    is_said,
    people,
    to_message,
    to_text,
)  # fmt: skip
from adapters.slack.outgoing import escaped
from adapters.slack.typed import as_typed
from adapters.slack.workspace import Workspace
from bot.archive import want
from bot.errors import DatabaseUnavailable, Refused
from bot.ports import Door

KEPT = 5_000  # of the newest messages: their ts, and what their writer's client calls them
PROMPTS = (
    ("Catch me up", "What happened here since yesterday?"),
    ("Find a decision", "What did we decide, and who said so?"),
    ("What do you remember?", "What do you remember of our conversation?"),
)
OPENED = 3600.0  # seconds in which the same person is not offered prompts again

Event = dict[str, Any]
T = TypeVar("T")
log = structlog.get_logger(__name__)


class Intake:
    """What comes in, by its type."""

    def __init__(self, workspace: Workspace, door: Door, home: Home) -> None:
        self._workspace, self._door, self._home = workspace, door, home
        self.back: Callable[[], None] = lambda: None
        """Called when events may have been missed, as after an outage of the database."""
        self._away = False
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._gestures: dict[tuple[str, str], str] = {}
        self._taken: dict[tuple[str, str], None] = {}
        self._opened: dict[str, float] = {}
        self.handlers: dict[str, Callable[[Event], Awaitable[None]]] = {
            "message": self._message,
            "app_mention": self._message,
            "app_home_opened": self._home_opened,
            "agent_session_stopped": self._stopped,
            "member_joined_channel": self._joined,
            "member_left_channel": self._left,
            "channel_rename": self._renamed,
            "group_rename": self._renamed,
            "channel_archive": self._archived,
            "group_archive": self._archived,
            "tokens_revoked": self._revoked,
            "app_uninstalled": self._uninstalled,
        }

    async def take(self, event: Event) -> None:
        """Take an event in; what nobody asked for is left alone.

        Raises DatabaseUnavailable (Slack has to deliver it again) and ValueError (malformed).
        """
        handler = self.handlers.get(want(event, "type", str))
        if handler is None:
            return
        try:
            await handler(event)
        except Refused as error:
            log.debug("slack: not remembered", reason=str(error))
        except DatabaseUnavailable:
            self._away = True
            raise
        if self._away:
            self._away = False
            self.back()

    # What is said

    async def _message(self, event: Event) -> None:
        channel = want(event, "channel", str)
        lock = self._locks.setdefault(channel, asyncio.Lock())
        async with lock:  # what is said in a channel keeps its order
            subtype = want(event, "subtype", str, "")
            if subtype == "message_changed":
                await self._changed(channel, event)
            elif subtype == "message_deleted":
                await self._deleted(channel, event)
            else:
                await self._said(channel, checked(event))

    async def _said(self, channel: str, event: Event) -> None:
        me, directory = self._workspace.me, self._workspace.directory
        key = channel, event.get("ts", "")
        if key in self._taken or self._is_echo(channel, event):
            return  # a mention comes as two events, and any event may come again
        if not is_said(event, me, self._workspace.settings.bots):
            return
        if not is_direct(event, channel):
            await directory.room(channel, seconds=0.3)
        where = directory.channel(channel, direct=is_direct(event, channel))
        shared = await files.text_of(self._workspace.api, event["files"])
        message = to_message(event, where, me, await self._names(event), shared)
        await self._door.receive(message)
        _keep(self._taken, key, None)
        if gesture := event.get("client_msg_id"):
            _keep(self._gestures, (channel, gesture), event["ts"])

    def _is_echo(self, channel: str, event: Event) -> bool:
        """Slack now and then delivers one post as two, with two times."""
        first = self._gestures.get((channel, event.get("client_msg_id", "")))
        return first is not None and first != event.get("ts")

    async def _changed(self, channel: str, event: Event) -> None:
        new = checked(want(event, "message", dict))
        old = checked(want(event, "previous_message", dict, {}))
        if new.get("subtype") == TOMBSTONE:
            await self._forget(channel, want(new, "ts", str))
            return
        if not is_said(new, self._workspace.me, self._workspace.settings.bots):
            return
        if new.get("text") == old.get("text") and len(new["files"]) == len(old["files"]):
            return  # an unfurl, a reaction, a reply
        shared = await files.text_of(self._workspace.api, new["files"])
        text = to_text(new, self._workspace.me, await self._names(new), shared)
        where = self._workspace.directory.channel(channel, direct=is_direct(event, channel))
        await self._door.edited(where, want(new, "ts", str), text)

    async def _deleted(self, channel: str, event: Event) -> None:
        await self._forget(channel, want(event, "deleted_ts", str))

    async def _forget(self, channel: str, ts: str) -> None:
        where = self._workspace.directory.channel(channel, direct=channel.startswith("D"))
        await self._door.deleted(where, ts)

    async def _names(self, event: Event) -> Names:
        directory = self._workspace.directory
        named = await directory.names(people(event))
        return Names(named, directory.room_names(event.get("text", "")))

    # Where she is

    async def _joined(self, event: Event) -> None:
        channel, who = want(event, "channel", str), want(event, "user", str)
        if who == self._workspace.me.user:
            self._workspace.directory.forget(channel)
            self._workspace.background.start(self.join(channel), "joining a channel")

    async def join(self, channel: str) -> None:
        """Read back what was said there before, and say who she is, once."""
        async with self._workspace.api.open():
            await self._workspace.directory.room(channel)
            where = self._workspace.directory.channel(channel)
            if introduction := await self._door.joined(where):
                await self._workspace.api.write(
                    "chat.postMessage", channel=channel, text=escaped(as_typed(introduction)),
                    unfurl_links=False, unfurl_media=False,
                )  # fmt: skip

    async def _left(self, event: Event) -> None:
        if want(event, "user", str) == self._workspace.me.user:
            self._workspace.directory.forget(want(event, "channel", str))

    async def _renamed(self, event: Event) -> None:
        about = want(event, "channel", dict)
        id_, name = want(about, "id", str), want(about, "name", str)
        directory = self._workspace.directory
        directory.renamed(id_, name)
        await self._door.renamed(directory.channel(id_))

    async def _archived(self, event: Event) -> None:
        self._workspace.directory.forget(want(event, "channel", str))

    async def _revoked(self, event: Event) -> None:
        lost = want(want(event, "tokens", dict), "bot", list, [])
        if self._workspace.me.user in lost:
            self._workspace.leave("its token was revoked")

    async def _uninstalled(self, event: Event) -> None:
        self._workspace.leave("the app was uninstalled")

    # What people do beside talking

    async def _home_opened(self, event: Event) -> None:
        person = want(event, "user", str)
        if want(event, "tab", str, "home") == "home":
            work = self._home.show(person)
        else:
            work = self._offer_prompts(want(event, "channel", str))
        self._workspace.background.start(work, "showing what people opened")

    async def _offer_prompts(self, channel: str) -> None:
        now = time.monotonic()
        if now - self._opened.get(channel, -OPENED) < OPENED:
            return
        if len(self._opened) > KEPT:
            self._opened.clear()
        self._opened[channel] = now
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        await self._workspace.api.offer(
            "assistant.threads.setSuggestedPrompts", "suggested prompts in her messages tab",
            channel_id=channel, title="Ask me", prompts=prompts,
        )  # fmt: skip

    async def _stopped(self, event: Event) -> None:
        id_, thread = want(event, "channel", str), want(event, "thread_ts", str, "")
        turn = self._workspace.running.get((id_, thread))
        if turn is None and thread:  # another replica's
            where = self._workspace.directory.channel(id_, direct=id_.startswith("D"))
            turn = await self._door.running(where, thread)
        if turn is not None:
            await self._door.stop(turn)


def _keep(kept: dict[tuple[str, str], T], key: tuple[str, str], value: T) -> None:
    """Keep it among the newest ones."""
    kept[key] = value
    if len(kept) > KEPT:
        del kept[next(iter(kept))]

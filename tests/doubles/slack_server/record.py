"""What Slack keeps of what the app does, for tests to look at."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from doubles.slack_server.api import Call
from doubles.slack_server.chat import Stream
from doubles.slack_server.shapes import BOT_ID, Json, Room, visible_text
from doubles.slack_server.workspace import Workspace


class Record(Workspace):
    """The workspace with everything that was done in it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.ephemeral_messages: dict[str, Json] = {}
        """By ts; their `channel` and `to` say where and to whom they were shown."""
        self.streams: dict[tuple[str, str], Stream] = {}
        """By channel and ts."""
        self.statuses: dict[tuple[str, str], list[str]] = {}
        """By channel and thread: all there were, "" when cleared by the app or by an answer."""
        self.sessions: dict[tuple[str, str], str] = {}
        """The agent's sessions, by channel and thread."""
        self.titles: dict[tuple[str, str], str] = {}
        self.suggested_prompts: dict[str, list[str]] = {}
        """Their titles, by channel."""
        self.home_tabs: dict[str, Json] = {}
        """By person."""
        self.opened_views: dict[str, Json] = {}
        """The newest modal of each person."""
        self.reactions: dict[str, list[str]] = {}
        self.pings: list[tuple[str, str]] = []
        """What Nellie wrote that pinged somebody: channel and text."""
        self.unfurled: list[tuple[str, str]] = []
        """What Nellie showed whose links were opened for a preview, unclicked: channel, text."""
        self.seen: list[tuple[float, str, str, str]] = []
        """Each moment when a text of Nellie's became visible: monotonic, channel, ts, the text."""
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until this holds; AssertionError, with what is visible, when it never does."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                newest = {name: self.visible(name)[-20:] for name in self.rooms}
                raise AssertionError(f"never came true; visible: {newest}")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):  # what it looks at may lie outside of Slack
                    await self._changed.wait()

    def notify(self) -> None:
        """Something has changed: wake those who wait for it."""
        self._changed.set()
        self._changed = asyncio.Event()

    def thread(self, channel: str, root: str) -> list[Json]:
        """The messages of a thread, its root first."""
        return self.room(channel).thread(root)

    def answers(self, channel: str, root: str = "") -> list[str]:
        """What Nellie said in a thread, or in the whole channel, as people read it."""
        return [visible_text(post) for post in self.posts(channel, root)]

    def posts(self, channel: str, root: str = "") -> list[Json]:
        """Nellie's messages in a thread, or in the whole channel."""
        room = self.room(channel)
        messages = room.thread(root) if root else list(room.messages.values())
        return [message for message in messages if message.get("bot_id") == BOT_ID]

    def visible(self, channel: str) -> list[str]:
        """All that was said in the channel and its threads, as people read it."""
        return [visible_text(message) for message in self.room(channel).messages.values()]

    def private(self, person: str) -> list[str]:
        """The texts of the ephemeral messages that only this person has seen."""
        shown = self.ephemeral_messages.values()
        return [visible_text(message) for message in shown if message["to"] == person]

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of this method."""
        return [call.args for call in self.calls if call.method == method]

    def record_visible(self, room: Room, message: Json) -> None:
        """Something of Nellie's is visible now as it stands."""
        if message.get("bot_id") == BOT_ID:
            self.seen.append((time.monotonic(), room.id, message["ts"], visible_text(message)))
        self.notify()

    def post_ephemeral(self, room: Room, person: str, fields: Json) -> Json:
        """Nellie says something that one person sees."""
        message = {**fields, "ts": self.next_ts(), "channel": room.id, "to": person}
        self.ephemeral_messages[message["ts"]] = message
        self.seen.append((time.monotonic(), room.id, message["ts"], visible_text(message)))
        return message

    def set_status(self, room: Room, thread: str, status: str, *, known: bool = False) -> None:
        """Nellie's status in a thread; `known`: only if it has one there."""
        former = self.statuses.get((room.id, thread), [])
        if not known or (former and former[-1]):
            self.statuses[room.id, thread] = [*former, status]

"""Which of our own messages in Slack belong to an answer, found by the turn's id in metadata."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.slack.api_errors import SlackRefused
from adapters.slack.incoming import BotIdentity, format_ts
from adapters.slack.outgoing import read_metadata
from adapters.slack.web_api import WebApi
from bot.domain.bounded_cache import BoundedCache
from bot.domain.continuations import pressed_turn
from bot.domain.model import Turn

PAUSES = (0.0, 0.7, 1.5)  # seconds before each look for a message that may have been posted
CLOCKS_APART = timedelta(minutes=5)  # ours and Slack's, at most
REMEMBERED = 5_000  # messages of this process, to be told from a dead replica's


def thread_of(turn: Turn) -> str:
    """The thread that an answer goes to; a scheduled digest goes to none, a reminder to its own."""
    return turn.trigger.thread or ("" if turn.trigger.author.nellie else _asked_at(turn))


def _asked_at(turn: Turn) -> str:
    """The ts of the question; what goes on with an answer has that of the first."""
    asked = turn.trigger
    return asked.id if pressed_turn(asked) is None else asked.reply_to


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A message of ours in the thread, with its part; None for a stream that was never ended."""

    ts: str
    part: int | None


class OwnPosts:
    """Looks into threads for what was posted there."""

    def __init__(self, api: WebApi, identity: BotIdentity) -> None:
        self._api = api
        self._identity = identity
        self._posted_here: BoundedCache[str, int] = BoundedCache(REMEMBERED)
        """The newest messages that this process has posted, each with its turn."""

    def remember(self, ts: str, turn: Turn) -> None:
        """Remember a message as posted by this process."""
        self._posted_here[ts] = turn.id

    async def find(self, turn: Turn) -> list[OwnPost]:
        """The messages of a turn, oldest first. Raises SlackRefused and SlackUnreachable."""
        found = []
        for message in await self._read_thread(turn):
            ts = str(message.get("ts"))
            if self._is_own(message):
                marked = read_metadata(message)
                if marked and marked[0] == turn.id:
                    found.append(OwnPost(ts, marked[1]))
                elif turn.trigger.author.nellie or not thread_of(turn):
                    continue  # nothing is streamed there: without its mark, it is another's
                elif not message.get("metadata") and self._posted_here.get(ts, turn.id) == turn.id:
                    found.append(OwnPost(ts, None))
        return sorted(found, key=lambda post: float(post.ts))

    async def find_part(self, turn: Turn, part: int | None) -> str | None:
        """The ts of a part that may have been posted; None when it is still not there."""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            for post in await self.find(turn):
                if post.part == part and post.ts not in self._posted_here:
                    return post.ts
        return None

    async def find_direct(self, turn: Turn, channel: str, part: int) -> str | None:
        """The ts of a part of a private answer that stands in its asker's direct messages.

        Raises SlackRefused and SlackUnreachable.
        """
        arguments = {
            "channel": channel,
            "include_all_metadata": "true",
            "limit": 200,
            "oldest": format_ts(turn.trigger.at - CLOCKS_APART),
        }
        for message in await self._read_pages("conversations.history", arguments):
            if self._is_own(message) and read_metadata(message) == (turn.id, part):
                return str(message.get("ts"))
        return None

    def _is_own(self, message: dict[str, Any]) -> bool:
        by_user = message.get("user") == self._identity.user_id
        return by_user or message.get("bot_id") == self._identity.bot_id

    async def _read_thread(self, turn: Turn) -> list[dict[str, Any]]:
        """What was written after the question, in its thread or else in the channel."""
        arguments = {"channel": turn.channel.id, "include_all_metadata": "true", "limit": 200}
        if thread := thread_of(turn):
            method = "conversations.replies"
            own = turn.trigger.author.nellie  # a reminder, which was asked for long ago
            oldest = format_ts(turn.trigger.at - CLOCKS_APART) if own else _asked_at(turn)
            arguments |= {"ts": thread, "oldest": oldest}
        else:
            method = "conversations.history"
            arguments["oldest"] = format_ts(turn.trigger.at)
        return await self._read_pages(method, arguments)

    async def _read_pages(self, method: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            try:
                page = await self._api.read(method, **arguments, **cursor)
            except SlackRefused as error:
                if error.error in {"thread_not_found", "message_not_found"}:
                    return found
                raise
            messages = page.get("messages")
            found += [message for message in messages or () if isinstance(message, dict)]
            next_cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not next_cursor:
                return found
            cursor = {"cursor": next_cursor}

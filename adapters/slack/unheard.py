"""Where bots that are not heard have posted: a thread without any need not be read for a question.

Asking Slack takes as long as all else that comes before the model, and few threads hold such posts.
What is not known for sure counts as "they may have".
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from adapters.slack.incoming import BotIdentity, is_of_unheard_bot, parse_ts
from adapters.slack.rate_limits import Replicas
from bot.domain.bounded_cache import BoundedCache

CHANNELS = 1_000  # in which it is known since when everything is heard
THREADS = 2_000  # with such posts; beyond that all begins anew
READ = 2_000  # threads that were read, and held none

Thread = tuple[str, str]  # a channel, and the ts of what began it


class UnheardBots:
    """What the events of this replica say about the threads of one workspace."""

    def __init__(self, *, identity: BotIdentity, bots: frozenset[str], replicas: Replicas) -> None:
        self._identity = identity
        self._bots = bots
        self._replicas = replicas
        self._heard_since: BoundedCache[str, str] = BoundedCache(CHANNELS)
        """By channel, the ts of the first message that came after the last gap."""
        self._newest = self._gap = ""
        """The newest ts of all messages, and what that was at the last gap."""
        self._with_posts: set[Thread] = set()
        self._read: BoundedCache[Thread, None] = BoundedCache(READ)

    def note(self, channel: str, message: Mapping[str, Any], *, changed_at: str = "") -> None:
        """A message that was posted, or changed at a time (a ts), its fields checked.

        What is changed, or delivered again, may be older than the last gap: it says nothing of what
        followed it.
        """
        # An app that hears mentions alone is told of no bots.
        if message.get("type") != "message" or self._replicas.replicas > 1:
            return
        ts = message.get("ts", "")
        told_at = changed_at or ts
        if channel not in self._heard_since and _moment(told_at) > _moment(self._gap):
            self._heard_since[channel] = told_at
        self._newest = max(self._newest, told_at, key=_moment)
        if is_of_unheard_bot(message, self._identity, self._bots):
            if len(self._with_posts) >= THREADS:
                self.missed()
            self._with_posts.add((channel, message.get("thread_ts") or ts))

    def note_read(self, channel: str, thread: str, *, any_found: bool) -> None:
        """A thread was read: whether it held such posts."""
        if not any_found and channel in self._heard_since:
            self._read[channel, thread] = None

    def may_be_in(self, channel: str, thread: str) -> bool:
        """Whether a thread may hold such posts. Another replica may have heard of one."""
        if self._replicas.replicas > 1:
            self.missed()
            return True
        key = channel, thread
        return key in self._with_posts or not (key in self._read or self._is_heard_whole(key))

    def missed(self, channel: str | None = None) -> None:
        """Something may not have been heard: in this channel, or anywhere."""
        if channel is None:
            self._gap = self._newest
            self._heard_since.clear()
            self._with_posts.clear()
            self._read.clear()
            return
        self._heard_since.pop(channel, None)
        for known in [key for key in self._read if key[0] == channel]:
            del self._read[known]

    def _is_heard_whole(self, key: Thread) -> bool:
        channel, thread = key
        return 0 < _moment(self._heard_since.get(channel, "")) <= _moment(thread)


def _moment(ts: str) -> float:
    """0 for what is no ts."""
    with suppress(ValueError, OverflowError, OSError):
        return parse_ts(ts).timestamp()
    return 0.0

"""The order of edits: with several sockets, an older one may come last, or before its message."""

from contextlib import suppress
from datetime import datetime

from adapters.slack.history import Fields
from adapters.slack.incoming import parse_ts
from bot.domain.bounded_cache import BoundedCache

NEWEST = 5_000  # messages of which it is known when their newest edit was
EARLY = 500  # messages that have not come in, while their edits have
CONTENT = ("text", "blocks", "attachments", "files", "edited")  # what an edit changes

Key = tuple[str, str]
"""A message, by its channel and ts."""


class EditOrder:
    """What the newest edits said, and of messages that are still to come, what they say by now."""

    def __init__(self) -> None:
        self._newest: BoundedCache[Key, datetime] = BoundedCache(NEWEST)
        self._early: BoundedCache[Key, Fields] = BoundedCache(EARLY)

    def is_newest(self, key: Key, message: Fields, changed: str = "") -> bool:
        """Whether no later edit of the message came in before; `changed` is its event's ts."""
        at = edited_at(message, changed)
        newest = self._newest.get(key)
        if newest is not None and at < newest:
            return False
        self._newest[key] = at
        return True

    def keep_for(self, key: Key, message: Fields) -> None:
        """Keep what an edited message says by now, should it come in only later."""
        self._early[key] = {name: message[name] for name in CONTENT if name in message}

    def as_edited(self, key: Key, message: Fields) -> Fields:
        """A message that comes in, as its edits left it."""
        early = self._early.get(key)
        if early is None or edited_at(message) > edited_at(early):
            return message
        kept = {name: value for name, value in message.items() if name not in CONTENT}
        return {**kept, **early}

    def forget(self, key: Key) -> None:
        """It has come in, or was deleted."""
        self._early.pop(key, None)


def edited_at(message: Fields, otherwise: str = "") -> datetime:
    """When it was edited last; where it does not say, at the other time, or long ago."""
    for ts in (message.get("edited", {}).get("ts"), otherwise):
        with suppress(TypeError, ValueError, OverflowError, OSError):
            return parse_ts(ts)
    return parse_ts("0.0")

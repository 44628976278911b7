"""Edits of messages that are not known yet: a message that comes in after its edit says the new."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.model import Channel, Message

KEPT = 200  # edits, at most
SECONDS = 600.0  # for which one is kept: reading a long history in takes minutes
NOTHING = (0.0, "", None)


@dataclass(slots=True)
class EarlyEdits:
    """What this replica has heard of them lately; in memory alone, for nothing rests on it yet."""

    _texts: dict[tuple[Channel, str], tuple[float, str, datetime | None]] = field(
        default_factory=dict
    )
    """By message, what came first before the others: until when it is kept, the text, its time."""

    def keep(
        self, channel: Channel, message_id: str, text: str, at: datetime | None = None
    ) -> None:
        """Keep what an unknown message says since its newest edit."""
        if _is_before(at, self._texts.get((channel, message_id), NOTHING)[2]):
            return
        self.forget(channel, message_id)
        self._texts[channel, message_id] = time.monotonic() + SECONDS, text, at
        while len(self._texts) > KEPT or next(iter(self._texts.values()))[0] < time.monotonic():
            del self._texts[next(iter(self._texts))]

    def applied(self, message: Message) -> Message:
        """A message as its edit left it; one that was read after an edit stays as it is."""
        until, text, at = self._texts.get((message.channel, message.id), NOTHING)
        if until < time.monotonic() or (
            message.edited_at and not _is_before(message.edited_at, at)
        ):
            return message
        return replace(message, text=text, edited_at=at or message.edited_at)

    def forget(self, channel: Channel, message_id: str) -> None:
        """It was deleted, or edited again."""
        self._texts.pop((channel, message_id), None)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    """Whether it is known that one came before the other."""
    return one is not None and other is not None and one < other

"""Edits of messages that are not known yet: a message that comes in after its edit says the new."""

import time
from dataclasses import dataclass, field, replace

from bot.domain.model import Channel, Message

KEPT = 200  # edits, at most
SECONDS = 600.0  # for which one is kept: reading a long history in takes minutes


@dataclass(slots=True)
class EarlyEdits:
    """What this replica has heard of them lately; in memory alone, for nothing rests on it yet."""

    _texts: dict[tuple[Channel, str], tuple[float, str]] = field(default_factory=dict)
    """By message, the oldest edit first: until when it is kept, and the text."""

    def keep(self, channel: Channel, message_id: str, text: str) -> None:
        """Keep what an unknown message says since its newest edit."""
        self.forget(channel, message_id)
        self._texts[channel, message_id] = time.monotonic() + SECONDS, text
        while len(self._texts) > KEPT or next(iter(self._texts.values()))[0] < time.monotonic():
            del self._texts[next(iter(self._texts))]

    def applied(self, message: Message) -> Message:
        """A message as its edit left it; one that was read after an edit stays as it is."""
        until, text = self._texts.get((message.channel, message.id), (0.0, ""))
        if message.edited or until < time.monotonic():
            return message
        return replace(message, text=text)

    def forget(self, channel: Channel, message_id: str) -> None:
        """It was deleted, or edited again."""
        self._texts.pop((channel, message_id), None)

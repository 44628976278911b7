"""`nellie import --dry-run`: what would come in, read from the archive alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cli.channel_names import label
from bot.domain.model import Channel, Message
from bot.text.plurals import counted


@dataclass(slots=True)
class Preview:
    """What one channel would get."""

    messages: int = 0
    people: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, message: Message) -> None:
        """Count a message."""
        self.messages += 1
        self.people.add(message.author.id)
        self.first = min(self.first or message.at, message.at)
        self.last = max(self.last or message.at, message.at)

    def __str__(self) -> str:
        people = counted(len(self.people), "person", "people")
        told = f"{counted(self.messages, 'message')} of {people}"
        if self.first is None or self.last is None:
            return told
        return f"{told}, {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"


def preview(messages: Iterable[Message], channels: Sequence[Channel]) -> dict[Channel, Preview]:
    """Count what would come into each channel."""
    found = {channel: Preview() for channel in channels}
    for message in messages:
        found.setdefault(message.channel, Preview()).add(message)
    return found


def shown(format: str, found: dict[Channel, Preview], target: str) -> str:
    """Lines for people: the format, and each channel under the name that it will have."""
    names = [target] if target and len(found) == 1 else list(map(label, found))
    lines = (f"{name}: {one}" for name, one in zip(names, found.values(), strict=True))
    return "\n".join([f"format: {format}", *lines])

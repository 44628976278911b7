"""A message as its row in the database gives it: what an answer chooses from, most of it in vain.

Of the 170 messages that are read for a question, some 60 are sent: a Message takes six times as
long to make. Nor does a prompt need any of those: a row says all that is shown.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar, overload

from bot.domain.model import Author, Channel, Message


class MessageRow(NamedTuple):
    """A message of a channel that is known to whoever reads it; its fields are those of Message."""

    seq: int
    id: str
    author: Author
    text: str
    at: datetime
    thread: str
    reply_to: str
    addressed: bool
    mentions: Sequence[str]
    link: str
    tokens: int

    def in_channel(self, channel: Channel) -> Message:
        """The message itself."""
        return Message(
            channel,
            self.id,
            self.author,
            self.text,
            self.at,
            self.thread,
            self.reply_to,
            self.addressed,
            tuple(self.mentions),
            self.link,
            self.seq,
            self.tokens,
        )


AnyMessage = TypeVar("AnyMessage", bound=Message | MessageRow)
"""Either, where a function gives what it takes."""


def in_channel(rows: Iterable[MessageRow], channel: Channel) -> list[Message]:
    """The messages themselves, in the same order."""
    return [row.in_channel(channel) for row in rows]


class MadeWhenRead(Sequence[Message]):
    """Messages that are made of rows once somebody looks at one: most models never do."""

    def __init__(self, rows: Sequence[Message | MessageRow], channel: Channel) -> None:
        self._rows = rows
        self._channel = channel

    @cached_property
    def _messages(self) -> tuple[Message, ...]:
        return tuple(
            one.in_channel(self._channel) if isinstance(one, MessageRow) else one
            for one in self._rows
        )

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Message, ...]: ...
    def __getitem__(self, place: int | slice) -> Message | tuple[Message, ...]:
        return self._messages[place]

    def __eq__(self, other: object) -> bool:
        """As a tuple of them."""
        return self._messages == (tuple(other) if isinstance(other, MadeWhenRead) else other)

    def __hash__(self) -> int:
        return hash(self._messages)

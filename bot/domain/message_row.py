"""A message as its row in the database gives it: what an answer chooses from, most of it in vain.

Of the 170 messages that are read for a question, some 60 are sent: a Message takes six times as
long to make.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

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


AnyMessage = TypeVar("AnyMessage", Message, MessageRow)
"""Either, where a function takes and gives only one of them."""


def in_channel(rows: Iterable[MessageRow], channel: Channel) -> list[Message]:
    """The messages themselves, in the same order."""
    return [row.in_channel(channel) for row in rows]

"""Turns as a dataset is made from them (bot.datasets), and what stood around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.documents import FoundPassage
from bot.domain.model import Message

Place = tuple[int, int]
"""A message: the row of its channel, and its number there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which turns are asked for."""

    channels: Sequence[int]
    since: datetime | None = None
    until: datetime | None = None
    good: bool = True
    bad: bool = False
    unrated: bool = False

    @property
    def values(self) -> dict[str, object]:
        """For the statements."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A turn that may be an example."""

    id: int
    channel_id: int
    seq: int
    asked: datetime
    began: datetime
    """When the first question of its thread was asked, of those that are chosen."""
    alone: bool
    """It is the only question of its thread."""
    good: bool | None
    """What people think of its answer; None where nobody said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredTurn:
    """A turn with its words, as they are remembered now."""

    id: int
    channel_id: int
    question: Message
    answer: str
    answered: datetime
    """When the last message of its answer was said."""
    first: int
    """The number of its answer's first message."""
    last: int
    answer_id: str
    """What the platform calls its last message."""
    shown_from: int
    """The lowest number in the window that its model was shown."""
    rests_on: Sequence[int]
    documents: Sequence[tuple[int, int]]
    """The passages that were shown, best first: the document, and its number there."""
    model: str
    calls: Sequence[Mapping[str, Any]]
    """Rounds of calls whose words are still there."""
    calls_gone: bool
    """It used a tool whose words are gone, and of whose results the prompt holds nothing."""


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """A message that stood before a question, or behind its answer."""

    message: Message
    absent: bool
    """Its author has opted out."""


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A part of a file, and who posted that."""

    found: FoundPassage
    author_id: str


@dataclass(frozen=True, slots=True)
class WhoWrote:
    """Somebody who wrote something, by a name that they had."""

    platform: str
    id: str
    name: str
    absent: bool
    """They have opted out."""

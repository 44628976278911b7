"""What the page shows: channels, memory, questions, and what was changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.documents import FoundPassage
from bot.domain.findings import Finding
from bot.domain.model import Message, Segment
from bot.domain.page.numbers import ReadableChannel


@dataclass(frozen=True, slots=True)
class ReadableChannels:
    """The channels of a visitor, the busiest first."""

    channels: Sequence[ReadableChannel]
    complete: bool
    """Their platform has said of all whether they are theirs; else look again soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a channel, in short."""

    readable: ReadableChannel
    messages: int
    since: datetime | None
    digest: str
    """Empty while there is none, or while it is made again."""
    segments: int
    window_tokens: int
    retention: int | None
    """Days; None for ever."""
    model: str
    opted_out: bool
    """The visitor had nothing of theirs remembered."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search recalls, best first."""

    messages: Sequence[Message]
    passages: Sequence[FoundPassage]
    """Of documents, as far as they matter beside the messages."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of what is remembered, the newest first."""

    entries: Sequence[Message | Segment]
    hidden: int
    """Summaries of this stretch that are being made again, and not shown meanwhile."""
    older: int | None
    """Of which message on it goes on (`before`); None at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTurn:
    """A question, and what became of it."""

    id: int
    readable: ReadableChannel
    state: str
    asked: datetime
    finished: datetime | None
    attempts: int
    error: str
    private: bool
    person: str
    question: str
    """Empty where it is not remembered, or not any more."""
    answer: str


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns, the newest first."""

    turns: Sequence[AskedTurn]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A browser that is signed in as the visitor."""

    id: int
    since: datetime
    seen: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """What `nellie doctor` finds, as of a moment."""

    findings: Sequence[Finding]
    at: datetime
    under_way: bool = False
    """More is being looked at: look again soon."""

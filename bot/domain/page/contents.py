"""What the page shows: channels, numbers, memory, questions, and what was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.findings import Finding
from bot.domain.model import Channel, Message, Segment


@dataclass(frozen=True, slots=True)
class ReadableChannel:
    """A channel that the visitor reads."""

    id: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class ReadableChannels:
    """The channels of a visitor, the busiest first."""

    channels: Sequence[ReadableChannel]
    complete: bool
    """Their platform has said of all whether they are theirs; else look again soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Tokens of models: fresh, from a cache, into a cache, and written by them."""

    fresh: int = 0
    cached: int = 0
    cache_write: int = 0
    output: int = 0
    calls: int = 0
    cost: float | None = None
    """None where nobody set a price of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day (UTC)."""

    day: date
    questions: int = 0
    answers: int = 0
    failures: int = 0
    good: int = 0
    bad: int = 0
    """Answers that people marked so."""
    used: Used = field(default_factory=Used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What was asked and used, without a word of it."""

    days: Sequence[Day]
    """The last ones, oldest first, today at the end."""
    by_model: Mapping[str, Used]
    by_channel: Sequence[tuple[ReadableChannel, int]]
    """Questions of the busiest, of those that the visitor reads."""
    channels: int
    heard: int
    """Messages that have come in, those included that were forgotten since."""
    waiting: int
    median_seconds: float | None
    """From a question to the end of its answer; None where nothing was answered."""
    everything: bool
    """Of all channels, not only the visitor's."""


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
class ModelCall:
    """One call of a model for a turn."""

    model: str
    purpose: str
    attempt: int
    estimated: bool
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool that was called for a turn."""

    tool: str
    state: str
    changes: bool
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What an answer was made from, as far as it is kept."""

    turn: AskedTurn
    rests_on: Sequence[Message]
    """What was found for it, and what it answers; it is forgotten with them."""
    gone: int
    """Of those, how many were forgotten since."""
    documents: int
    window_from: int | None
    """The number of the first message that the prompt's window showed."""
    calls: Sequence[ModelCall]
    tools: Sequence[ToolUse]
    good: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """Something that was changed, by whom."""

    id: int
    at: datetime
    platform: str
    name: str
    action: str
    what: str


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

"""Numbers as the page shows them: what was asked and used, without a word of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.model import Channel

PERIODS = (7, 30, 90)
"""Days of which numbers are shown, today included."""


@dataclass(frozen=True, slots=True)
class ReadableChannel:
    """A channel that the visitor reads."""

    id: int
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of what numbers are asked for."""

    everything: bool = False
    """Of all channels, which is for admins; else of the visitor's."""
    channel_id: int | None = None
    """Of this one alone."""
    days: int = 30


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

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.fresh + self.cached + self.cache_write + self.output


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds."""

    median: float
    most: float
    """What 95 of a hundred stayed under."""


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
    first_text: Spread | None = None
    """From a question to the first text of its answer; None where there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShare:
    """What a channel has of the whole; or several together that are not named."""

    readable: ReadableChannel | None
    channels: int = 1
    questions: int = 0
    used: Used = field(default_factory=Used)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShare:
    """What was used for a person's questions; or for several together."""

    name: str
    """Empty where it is not known, or of several."""
    mine: bool = False
    people: int = 1
    """0 for what was used for nobody in particular: summaries, and who is not remembered."""
    used: Used = field(default_factory=Used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What was asked and used in some days."""

    at: datetime
    """When they were counted."""
    days: Sequence[Day]
    """The last ones, oldest first, today at the end."""
    by_model: Mapping[str, Used]
    by_channel: Sequence[ChannelShare]
    """The busiest that the visitor reads, and all others as one."""
    by_person: Sequence[PersonShare]
    """The dearest, for admins; for everybody else only themselves."""
    channels: int
    heard: int
    """Messages that have come in, those included that were forgotten since."""
    first_text: Spread | None
    whole_seconds: float | None
    """The median from a question to the end of its answer; None where nothing was answered."""
    choices: Sequence[ReadableChannel]
    """The busiest channels of the visitor, and the one that was asked for: numbers of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsummarized:
    """What came in since summarizing was due, and waits for it."""

    channels: int = 0
    messages: int = 0
    at_least: bool = False
    """There are more messages than were counted."""
    tokens: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What moves: what waits and runs, and today (UTC) so far."""

    at: datetime
    waiting: int
    running: int
    today: Day
    unsummarized: Unsummarized
    files: int
    """Documents that wait to be read."""

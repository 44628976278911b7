"""How a channel is arranged: what is set there, and which documents it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.page.numbers import ReadableChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTool:
    """A tool, and whether it is on in a channel."""

    name: str
    says: str
    state: str
    """on, off, or changed: it describes itself otherwise than when it was switched on."""
    missing: str
    """What keeps it from being used; empty where nothing does."""
    changes: bool
    """It asks before it does anything."""
    server: str
    """Of what is built in, empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReminder:
    """A reminder that is still to come."""

    id: int
    due: str
    text: str
    person: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """What is set in a channel, and what is set in general."""

    readable: ReadableChannel
    has_rights: bool
    """The visitor may change what needs rights over the channel."""
    opted_out: bool
    retention: int | None
    """Days, 0 for ever; None where the general rule holds."""
    general_retention: int
    segments: int
    persona: str
    """Empty where the general one holds."""
    general_persona: str
    model: str
    """Empty where the general ones hold."""
    general_models: Sequence[str]
    choices: Sequence[str]
    """The models that may be chosen."""
    generation: str
    """How its model generates, as it was written."""
    digest: str
    """When it is posted; empty where it is not."""
    next_digest: datetime | None
    posts_digests: bool
    """Digests are posted here at all."""
    sets_reminders: bool
    """Some model answers here that understands when to remind whom."""
    uses_tools: bool
    tools: Sequence[ShownTool]
    reminders: Sequence[ShownReminder]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """A document, and how far reading it is."""

    name: str
    content: str
    """What it is, or why it is not read: "PDF, 12 pages"."""
    state: str
    """waiting, read or unreadable."""
    notes: Sequence[str]
    """What was not read of it."""
    posted: str
    """By whom, and on which day."""
    link: str
    seq: int
    """The number of its message; 0 where no message brought it."""
    may_forget: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDocuments:
    """The documents of a channel, the newest first."""

    readable: ReadableChannel
    documents: Sequence[ShownDocument]
    more: int
    """Older ones that are not shown."""
    opens_links: bool
    """Addresses are opened here."""

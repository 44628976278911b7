"""What still stands on a platform, for comparing it with what is remembered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Message


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a channel's top level, or of one of its threads."""

    thread: str
    """The id of the thread; empty for the top level, with what starts threads there."""
    first: datetime
    last: datetime
    """Both ends within, by the platform's own times."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a platform shows of a span that was read to its end."""

    place: Place
    ids: frozenset[str]
    """Every message that stands there, whoever wrote it and whether or not it is heard."""
    address: str
    """What the link of each message there holds. Whatever has another link, or none, came from
    elsewhere (a command, an import): it is not missing there."""
    edited: tuple[tuple[datetime, Message], ...] = ()
    """Those that were edited lately: when, and as they read now."""
    moment: Callable[[str], datetime | None] | None = None
    """When a message was posted, as its id tells; None for what is no id of the platform. Where ids
    do not tell, what is remembered of it counts, which an archive may have rounded."""

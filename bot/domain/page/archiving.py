"""A channel's memory as a file, out and in: what a visitor sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import NellieError
from bot.domain.findings import BadLine
from bot.domain.page.numbers import ReadableChannel


class NotImported(NellieError):
    """An archive was not taken, and nothing of it came in. Details: reason."""

    text = "Nothing was imported: {reason}"


class ArchiveTooLarge(NotImported):
    """It is larger than what the page takes."""


class ImportRunning(NotImported):
    """Another one is under way."""


@dataclass(slots=True, kw_only=True)
class ImportState:
    """The last import that somebody began at the page of this replica, and how far it is."""

    name: str
    """Of the file."""
    done: int = 0
    """Messages that were read of it."""
    running: bool = True
    result: str = ""
    """What came of it, for people; while it runs, empty."""
    failed: bool = False
    bad: Sequence[BadLine] = ()
    """The first of what cannot be read, and why."""
    bad_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelArchive:
    """What may be taken out of a channel and brought into it."""

    readable: ReadableChannel
    has_rights: bool
    messages: int
    importing: ImportState | None
    """The visitor's own, or of whoever has rights here."""

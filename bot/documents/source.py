"""A file that is being read, and what is kept while it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.documents.blocks import Block
from bot.documents.limits import Limits
from bot.domain.documents import NotReadable

MOST_NOTES = 20
TOO_DENSE = "it grows beyond all measure when it is unpacked"

Progress = Callable[[int, int], None]
"""Called with the pages that are read, and how many there are (0: not known)."""


@dataclass(slots=True)
class Session:
    """One reading, with all files that are packed in the file."""

    limits: Limits
    open: Callable[["Source"], Iterator[Block]]
    """Reads a file, whatever it is. Raises NotReadable before the first block, or never."""
    tell: Progress = lambda done, total: None
    notes: list[str] = field(default_factory=list)
    """What was not read, and why."""
    unpacked: int = 0
    inner_files: int = 0

    def note(self, text: str) -> None:
        """Keep a note; each one once, and not without end."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    def unpack(self, size: int) -> None:
        """So many bytes more have come out of something packed. Raises NotReadable beyond."""
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise NotReadable(TOO_DENSE)


@dataclass(slots=True)
class Source:
    """A file in memory; also one that is packed in another."""

    data: bytes
    name: str
    session: Session
    media_type: str = ""
    depth: int = 0
    """How many files it is packed in."""
    title: str = ""
    pages: int = 0
    """Of those that are known so far, the last one."""

    def turn_to(self, page: int, total: int = 0) -> None:
        """A page begins."""
        if page != self.pages:
            self.pages = page
            self.session.tell(page, total)

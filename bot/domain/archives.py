"""What a format of archives must offer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.documents import DocumentText, Origin, PostedFile
from bot.domain.findings import BadLine
from bot.domain.model import Author, Channel, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Where a file stands that was read."""

    message_id: str
    """On the platform; empty where no message brought it."""
    file: PostedFile
    origin: Origin
    author: Author
    """Who added it, and when, where no message says so."""
    at: datetime


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """A document as archives hold it."""

    sha256: str
    text: DocumentText
    places: tuple[FilePlace, ...]


class Archive(Protocol):
    """A format in which history comes in from elsewhere; found by entry point, like an adapter.

    `read` is all of it. Subclass it, and offer `recognizes` and `channels` too, for a format that
    is found by itself. A method `documents(path, channels)` is looked for: (channel, document) of
    what was read of files, or a BadLine. So are three attributes: `skipped`, a Counter of what was
    left out as nobody said it, by its kind; `notes`, a list of what was taken for granted; `zone`,
    set to the zone of times that have none, for formats with such times.
    """

    def read(self, path: Path, channel: Channel) -> Iterator[Message | BadLine]:
        """What the file or folder says, oldest first, as messages of the given channel.

        Raises ArchiveError, before anything else, when it is not of this format at all.
        """
        ...

    def recognizes(self, path: Path) -> bool:
        """Whether a file or folder is of this format, by what is in it; reads only its beginning.

        Raises ArchiveError where it cannot be read.
        """
        return False

    def channels(self, path: Path) -> Sequence[Channel]:
        """The channels that it holds, named as Nellie's are that hear them live.

        Where she is on no such platform, they are of one's own. Raises ArchiveError.
        """
        return ()

    def read_channels(
        self, path: Path, channels: Collection[Channel]
    ) -> Iterator[Message | BadLine]:
        """What was said in some of its channels, each message with its own."""
        for channel in channels:
            yield from self.read(path, channel)

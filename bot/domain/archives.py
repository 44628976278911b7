"""What a format of archives must offer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from bot.domain.findings import BadLine
from bot.domain.model import Channel, Message


class Archive(Protocol):
    """A format in which history comes in from elsewhere; found by entry point, like an adapter."""

    def read(self, path: Path, channel: Channel) -> Iterator[Message | BadLine]:
        """What the file or folder says, oldest first, as messages of the given channel.

        Raises ArchiveError, before anything else, when it is not of this format at all.
        """
        ...

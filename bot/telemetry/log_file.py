"""The log in a file, where standard error is a terminal at which somebody talks."""

import io
import os
from pathlib import Path

FULL = 1_000_000  # bytes, from which on the next one to open the file begins it anew


class LogFile(io.TextIOBase):
    """A file that is opened with the first line, and that its owner alone can read.

    What cannot be written is lost: a full disk is no reason to end a conversation.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._descriptor: int | None = None

    def write(self, text: str) -> int:
        """Add to the file."""
        try:
            if self._descriptor is None:
                self._descriptor = self._open()
            os.write(self._descriptor, text.encode("utf-8", "replace"))
        except OSError:
            pass
        return len(text)

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._path, flags, 0o600)
        if os.fstat(descriptor).st_size > FULL:
            os.ftruncate(descriptor, 0)
        return descriptor

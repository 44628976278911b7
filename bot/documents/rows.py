"""The passages of a document between reading and storing: on the disk, not in memory."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.documents.process import Row


class Rows:
    """Rows in their order, a line of JSON each."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def take(self, row: Row) -> None:
        """The next one."""
        self._file.write(json.dumps(row).encode() + b"\n")

    def __iter__(self) -> Iterator[str]:
        self._file.flush()
        with self._path.open(encoding="ascii") as lines:
            for line in lines:
                yield line.rstrip("\n")


@contextmanager
def rows_in(folder: Path) -> Iterator[Rows]:
    """None yet; they are gone after the block."""
    path = folder / os.urandom(8).hex()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield Rows(path, file)
    finally:
        path.unlink(missing_ok=True)

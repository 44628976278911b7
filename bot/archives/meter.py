"""How far files have been read, for an estimate of what is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BufferedReader, FileIO
from pathlib import Path

_PLACES: ContextVar[dict[str, int] | None] = ContextVar("places", default=None)


@contextmanager
def metered(path: Path) -> Iterator["Meter"]:
    """Note from here on how far the files below a path are read."""
    places: dict[str, int] = {}
    token = _PLACES.set(places)
    try:
        yield Meter(places, _size(path))
    finally:
        _PLACES.reset(token)


class Meter:
    """The places that readers have reached; a file that is read once more begins again."""

    def __init__(self, places: dict[str, int], size: int) -> None:
        self._places = places
        self._size = size

    def estimate(self, done: int) -> int | None:
        """How much there is in all, where so much of it came out so far."""
        read = sum(self._places.values())
        if not read or not self._size:
            return None
        return max(done, done * self._size // read)


def open_metered(path: Path) -> BufferedReader:
    """Open a file to read it."""
    return BufferedReader(_Metered(path), 2**17)


class _Metered(FileIO):
    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._key = str(path)

    def readinto(self, buffer: object) -> int | None:
        count = super().readinto(buffer)  # type: ignore[arg-type]  # its type has no public name
        if (places := _PLACES.get()) is not None:
            places[self._key] = self.tell()
        return count


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())

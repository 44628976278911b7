"""Telling formats by what is in files, whatever they are called."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.archives.json_entries import decode
from bot.archives.reading import archive_errors

LOOKED_AT = 2**16  # bytes at the beginning of a file
DEEPEST = 6  # folders below the one that is given
MOST_LOOKED_AT = 2_000  # files of a folder: formats lie beside each other
PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")
MAC = "__MACOSX"


@dataclass(frozen=True, slots=True)
class Head:
    """How a file begins."""

    path: Path
    raw: bytes
    text: str
    """Decoded, without the end of a line or character that may be cut off."""

    @property
    def lines(self) -> list[str]:
        """Those that are whole."""
        whole = self.text if len(self.raw) < LOOKED_AT else self.text.rpartition("\n")[0]
        return whole.splitlines()


def read_head(path: Path) -> Head:
    """How a file begins. Raises ArchiveError."""
    with archive_errors(path), path.open("rb") as stream:
        raw = stream.read(LOOKED_AT)
    # What is packed without being made smaller would look like what is in it.
    return Head(path, raw, "" if raw.startswith(PACKED) else decode_text(raw))


def decode_text(raw: bytes) -> str:
    """A text in UTF-8, UTF-16 or UTF-32, else Latin-1."""
    if raw[:4].count(0) or raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return decode(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - 4:  # only its last character is cut off
            return raw.decode("utf-8", "ignore")
        return raw.decode("latin-1")


def files_in(path: Path) -> Iterator[Path]:
    """The files of a folder and those below it, sorted; a file stands for itself.

    Nothing is read that a link leads to outside of it, or that macOS adds for itself.
    """
    with archive_errors(path):
        if not path.is_dir():
            yield path
            return
        root = path.resolve()
        for folder, folders, names in os.walk(path):
            deep = len(Path(folder).relative_to(path).parts)
            seen = sorted(name for name in folders if name != MAC and not name.startswith("."))
            folders[:] = seen if deep < DEEPEST else []
            for name in sorted(names):
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file() and _is_within(file, root):
                    yield file


def any_file(path: Path, fits: Callable[[Head], bool]) -> bool:
    """Whether a file, or one of a folder's files, is of a format."""
    return any(fits(read_head(file)) for file in islice(files_in(path), MOST_LOOKED_AT))


def _is_within(file: Path, root: Path) -> bool:
    return not file.is_symlink() or file.resolve().is_relative_to(root)

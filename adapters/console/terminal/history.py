"""What was typed before, in a file of the data folder that its owner alone can read."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import History

from adapters.console.lines import LEAVING

KEPT = 1_000  # lines that are offered again
LONGEST = 10_000  # characters of a line that is worth keeping
FILE_LIMIT = 2_000_000  # bytes that are read


class KeptHistory(History):
    """Lines in a file, a line of JSON for each; in memory alone where that cannot be written.

    What begins with a space is not kept.
    """

    def __init__(self, path: Path | None, say: Callable[[str], object]) -> None:
        super().__init__()
        self._path = path
        """None where nothing may be kept beyond this conversation."""
        self._say = say
        """Told once why the file cannot be used."""

    def append_string(self, string: str) -> None:
        """Keep a line."""
        word = string.strip().casefold()
        if word and word not in LEAVING and not string[0].isspace():
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """The lines of former conversations, the newest first."""
        if self._path is None:
            return []
        try:
            with open(self._path, "rb", opener=_open_private) as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - FILE_LIMIT))
                lines = [line for raw in file if (line := _read(raw))]
        except FileNotFoundError:
            return []
        except OSError as error:
            self._give_up(error)
            return []
        if len(lines) > 2 * KEPT:
            _rewrite(self._path, lines[-KEPT:])
        return lines[: -KEPT - 1 : -1]

    def store_string(self, string: str) -> None:
        """Add a line to the file."""
        if self._path is None or len(string) > LONGEST:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(self._path, "ab", buffering=0, opener=_open_private) as file:
                file.write(_written(string))
        except OSError as error:
            self._give_up(error)

    def clear(self) -> None:
        """Keep nothing of what was typed: some of it was asked to be forgotten."""
        self._loaded_strings = []
        if self._path:
            with suppress(OSError):
                self._path.unlink()

    def _give_up(self, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self._say(
            f"What you type is not kept for the next time: {self._path} cannot be used ({reason})."
        )
        self._path = None


def _rewrite(path: Path, lines: Iterable[str]) -> None:
    new = path.with_name(f"{path.name}.new")
    try:
        with open(new, "wb", opener=_open_private) as file:
            file.writelines(map(_written, lines))
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()


def _open_private(path: str, flags: int) -> int:
    """Open a file that its owner alone may read; never one that a link points to."""
    if not flags & os.O_WRONLY:
        return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


def _written(line: str) -> bytes:
    return f"{json.dumps(line)}\n".encode()


def _read(raw: bytes) -> str:
    """The line; empty for what was not written whole, or by somebody else."""
    with suppress(ValueError):
        line = json.loads(raw)
        if isinstance(line, str):
            return line
    return ""

"""Files that commands write: only their owner may read them, and none is replaced unasked."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.domain.errors import SettingsError

ROOM = 1 << 16  # bytes that a disk must have left before anything is asked for a file


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Raises SettingsError where a file of this name is there, unless that was asked for."""
    if path.exists() and path.is_file() and not force:
        raise SettingsError(name=str(path), reason="it is there already; --force replaces it")


def require_place(path: Path, *, force: bool) -> None:
    """Raises SettingsError where a file could not be written, before what it will hold is paid."""
    refuse_to_replace(path, force=force)
    if path.is_dir():
        raise SettingsError(name=str(path), reason="it is a folder")
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe
        return
    try:
        with tempfile.TemporaryFile(dir=path.resolve().parent) as trial:
            trial.write(b"-" * ROOM)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        raise SettingsError(name=str(path), reason=str(error.strerror or error)) from error


@contextmanager
def write_private(path: Path, *, force: bool) -> Iterator[TextIO]:
    """A file that takes its name when it was written to its end. Raises SettingsError."""
    path = path.resolve()  # a link stays a link
    refuse_to_replace(path, force=force)
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
        os.replace(part, path)
    except OSError as error:
        raise SettingsError(name=str(path), reason=str(error.strerror or error)) from error
    finally:
        part.unlink(missing_ok=True)

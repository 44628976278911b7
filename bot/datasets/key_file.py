"""The file of the key that pseudonyms depend on."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.datasets.writing import wrong_path
from bot.domain.errors import SettingsError

KEY_BYTES = 32
FEWEST = KEY_BYTES // 2
MOST = 4_096  # bytes that are read: a key is no /dev/zero


def read_key(path: Path) -> bytes:
    """The key of a file, which is made where it is not there. Raises SettingsError."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(path)
        key = _read(path)
    except OSError as error:
        raise wrong_path(path, error) from error
    if not FEWEST <= len(key) <= MOST:
        reason = f"it is no key: {FEWEST} bytes of chance at least, and {MOST:,} at most"
        raise SettingsError(name=str(path), reason=reason)
    return key


def _make(path: Path) -> None:
    """Whole or not at all; one that somebody else made meanwhile stays."""
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES).hex().encode() + b"\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        except OSError:  # a disk without links
            os.replace(beside, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside)


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # which waits for no pipe
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SettingsError(name=str(path), reason="it is no key: it is no file")
        return file.read(MOST + 2).strip()

"""Locks on files, which the kernel releases when a process is killed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":  # no wheel is installed there, and server.start says so
    import fcntl


@contextmanager
def gate(home: Path) -> Iterator[None]:
    """One process at a time may start or stop the server of a home folder; others wait."""
    with open_private(home / "gate.lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_private(path: Path) -> IO[bytes]:
    """A file for reading and appending, which nobody else may read; made if need be."""
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0)


def share(file: IO[bytes]) -> None:
    """Take a part in a lock."""
    fcntl.flock(file, fcntl.LOCK_SH)


def take_whole(file: IO[bytes]) -> bool:
    """Take all of a lock; False when somebody else has a part in it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

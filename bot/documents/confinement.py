"""What this process may not do from here on: write, connect, start others, take without end."""

import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

from bot.documents.limits import Limits

NICENESS = 10
FILES_OPEN = 64
# Anything of these that Python is asked for ends in PermissionError.
_FORBIDDEN = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.kill", "shutil.", "urllib.", "ftplib.", "smtplib.", "pty."),
    *("tempfile.", "webbrowser."),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(limits: Limits) -> None:
    """For a process that reads one file; there is no way back.

    Writing is forbidden by the size of files, and by Python's own audit; the rest of what could
    connect or start something by that audit. What a system does not know of is left out.
    """
    for name, most in (
        ("RLIMIT_AS", limits.memory),
        ("RLIMIT_CPU", limits.computing),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", FILES_OPEN),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_CORE", 0),
    ):
        _limit(name, most)
    with suppress(OSError):
        os.nice(NICENESS)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)  # also where nobody waits any more
    sys.addaudithook(_audit)


def _limit(name: str, most: int) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # The soft limit of computing is told by a signal of its own, before the hard one kills.
        resource.setrlimit(kind, (allowed, allowed + 1 if name == "RLIMIT_CPU" else allowed))


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        flags = arguments[2] if len(arguments) > 2 else 0
        if isinstance(flags, int) and flags & _WRITING:
            raise PermissionError("a file may not be written here")
    elif event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} may not be used here")

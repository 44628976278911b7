"""Starts `nellie` from a process that has her loaded; what comes is a Popen like any other."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("server.py")
OF_PYTHON = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "SSL_", "OPENSSL_")
"""Read before a program's first line, or while it loads: where it differs, it is loaded anew."""
_IN_CONTROL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " signal.signal(signal.SIGINT, signal.SIG_DFL);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes a program's standard input the terminal that signals come from.

A window's programs hear Ctrl-C, also where the tests themselves run in the background and do not.
"""


def start_nellie(
    *arguments: str,
    folder: Path | str,
    environ: Mapping[str, str],
    own_session: bool = False,
    at_terminal: bool = False,
    **streams: Any,
) -> "subprocess.Popen[Any]":
    """`python -m bot` in a process: the same arguments, environment, folder, signals and exit code.

    At a terminal, that is its standard input, and where its signals come from. `streams` are
    Popen's.
    """
    program = (sys.executable, "-m", "bot", *arguments)
    if not _can_split(environ):
        if at_terminal:
            return start_at_terminal(*program, folder=folder, environ=environ, **streams)
        return subprocess.Popen(  # noqa: S603  # our own program
            program, cwd=folder, env=dict(environ), start_new_session=own_session, **streams
        )
    given = {
        "arguments": arguments,
        "folder": str(folder),
        "environ": dict(environ),
        "own_session": own_session or at_terminal,
        "at_terminal": at_terminal,
    }
    return _Split(program, given, **streams)


def start_at_terminal(
    *program: str, folder: Path | str, environ: Mapping[str, str], **streams: Any
) -> "subprocess.Popen[Any]":
    """Any program, with the terminal that is its standard input."""
    return subprocess.Popen(  # noqa: S603  # our own program
        (sys.executable, "-c", _IN_CONTROL, *program),
        cwd=folder,
        env=dict(environ),
        start_new_session=True,
        **streams,
    )


class _Split(subprocess.Popen[Any]):
    """A process that another one started for us, and waits for; all else is Popen's."""

    def __init__(self, program: Sequence[str], given: Mapping[str, Any], **streams: Any) -> None:
        self._given = given
        self._told = -1
        """What tells how it ended, once it has."""
        super().__init__(program, **streams)

    def _execute_child(self, *given: Any) -> None:
        ends = given[10:16]  # of the pipes to and from it: for each stream, it has one
        inside = (ends[0], ends[3], ends[5])
        streams = (end if end >= 0 else number for number, end in enumerate(inside))
        self._told, tells = os.pipe()
        try:
            self.pid = _server().start(self._given, (*streams, tells))
            self._child_created = True
        finally:
            os.close(tells)
            self._close_pipe_fds(*ends)  # type: ignore[attr-defined]  # Popen's

    def _internal_poll(self, *given: Any, **more: Any) -> int | None:
        lock: Any = self._waitpid_lock  # type: ignore[attr-defined]  # Popen's
        if self.returncode is None and lock.acquire(blocking=False):
            try:
                if self.returncode is None and self._try_wait(os.WNOHANG)[0]:
                    self._handle_exitstatus(self._status)  # type: ignore[attr-defined]  # Popen's
            finally:
                lock.release()
        return self.returncode

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags and not select.select([self._told], [], [], 0)[0]:
            return 0, 0
        self._status = int(os.read(self._told, 20) or signal.SIGKILL)
        os.close(self._told)
        return self.pid, self._status


class _Server:
    """The process with Nellie loaded; it ends with this one."""

    def __init__(self) -> None:
        self.environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, str(PROGRAM), str(its.fileno())],
                pass_fds=[its.fileno()],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self.end)

    def start(self, given: Mapping[str, Any], descriptors: Sequence[int]) -> int:
        """The id of a process that has these descriptors."""
        socket.send_fds(self._control, [json.dumps(given).encode()], descriptors)
        return int(self._control.recv(20))

    def end(self) -> None:
        """Those that it has started live on."""
        self._control.close()
        self._process.wait()


@cache
def _server() -> _Server:
    return _Server()


def _can_split(environ: Mapping[str, str]) -> bool:
    if sys.platform != "linux":  # elsewhere a program that splits in two is not safe
        return False
    *plugins, nellie = environ.get("PYTHONPATH", "").split(os.pathsep)
    if nellie != str(ROOT) or any(Path(one, "sitecustomize.py").exists() for one in plugins):
        return False
    return _of_python(environ) == _of_python(_server().environ)


def _of_python(environ: Mapping[str, str]) -> dict[str, str]:
    """All but where plugins are: those are not loaded yet."""
    names = (name for name in environ if name.startswith(OF_PYTHON) and name != "PYTHONPATH")
    return {name: environ[name] for name in names}

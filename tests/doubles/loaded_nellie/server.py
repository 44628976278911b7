"""Python with Nellie loaded, which splits in two for each `nellie` that a test starts.

Loading is most of what such a process computes. A program of its own, started by starting.py;
each message on its socket is one command, with descriptors 0 to 2, and one to say how it ended.
"""

import fcntl
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
import termios
import threading
import time
import types
from typing import Any

LOADED = (
    "bot.bootstrap",  # first, as in her own programs
    "bot.cli.chat",
    "bot.cli.serve",
    "adapters.console.adapter",
    "adapters.console.terminal.screen",
    "sqlalchemy.dialects.postgresql.asyncpg",
)
LARGEST = 2**20  # bytes of a message
STDERR = 2
FOUR = 4


def main() -> None:
    """Serve until the socket is closed; where this returns is a process that is to be Nellie."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in LOADED:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a process that splits in two keeps one thread"
    gc.collect()
    gc.freeze()
    usual = signal.getsignal(signal.SIGINT)  # whoever runs tests in the background ignores it
    if usual is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    descriptors, given = _serve(control)
    signal.signal(signal.SIGINT, usual)
    _become(descriptors, given)


def _serve(control: socket.socket) -> tuple[list[int], dict[str, Any]]:
    """Returns in each new process, with what it was given."""
    heard, hears = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(hears)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, heard], [], [])
        if heard in ready:
            os.read(heard, 4_096)
            _tell_ended(running)
        if control not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, LARGEST, FOUR)
        if not message:
            os._exit(0)
        told = descriptors.pop()
        if (pid := os.fork()) == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for own in (control.detach(), heard, hears, told, *running.values()):
                os.close(own)
            return descriptors, json.loads(message)
        running[pid] = told
        for given in descriptors:
            os.close(given)
        control.send(str(pid).encode())


def _tell_ended(running: dict[int, int]) -> None:
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            os.write(told := running.pop(pid), str(status).encode())
            os.close(told)


def _become(descriptors: list[int], given: dict[str, Any]) -> None:
    """Stand as a process stands that was started as `python -m bot`."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if given["own_session"]:
        os.setsid()
    if given["at_terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(given["folder"])
    os.environ.clear()
    os.environ.update(given["environ"])
    time.tzset()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _open(number, getattr(sys, name))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.path[:1] = [os.getcwd(), *os.environ["PYTHONPATH"].split(os.pathsep)[:-1]]
    sys.orig_argv[1:] = ["-m", "bot", *given["arguments"]]
    sys.argv[1:] = given["arguments"]
    sys.modules["__main__"] = types.ModuleType("__main__")


def _open(number: int, like: Any) -> io.TextIOWrapper:
    """As Python itself opens it: what it is for, terminal or file, is known only now."""
    writes = number > 0
    stream: Any = io.FileIO(number, "w" if writes else "r", closefd=False)
    if not writes:
        stream = io.BufferedReader(stream)
    elif not like.write_through:
        stream = io.BufferedWriter(stream)
    return io.TextIOWrapper(
        stream,
        encoding=like.encoding,
        errors=like.errors,
        newline="\n",
        line_buffering=stream.isatty() or number == STDERR,
        write_through=like.write_through,
    )


if __name__ == "__main__":
    main()
    runpy._run_module_as_main("bot")  # type: ignore[attr-defined]  # what `python -m` calls

"""A terminal with a screen: a program runs in it, a person types, and what is shown can be read."""

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import pyte
from doubles.loaded_nellie import start_at_terminal, start_nellie

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until something is on the screen
_OTHERS = (
    *("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL"),
    *("NO_COLOR", "COLUMNS", "DISPLAY", "WAYLAND_"),
)


class Terminal:
    """`with Terminal("chat", columns=40, **environ) as terminal:` runs nellie in one."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        program: tuple[str, ...] = (),
        folder: Path = Path("/"),
        **environ: str,
    ) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        """Held by whoever reads or changes the screen; told of every change."""
        self._hung_up, self._hang_up = os.pipe()
        self.output = b""
        """All that the program wrote."""
        self._master, slave = pty.openpty()
        self.resize(columns, rows)
        given: dict[str, Any] = {"environ": _environment(environ), "folder": folder}
        given |= {"stdin": slave, "stdout": slave, "stderr": slave}
        if program:
            self.process = start_at_terminal(*program, *arguments, **given)
        else:
            self.process = start_nellie(*arguments, at_terminal=True, **given)
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program where it still runs, and close the window."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.hang_up()

    @property
    def has_ended(self) -> bool:
        """Whether the program is over, and all it wrote has been read."""
        return self.process.poll() is not None and not self._reader.is_alive()

    @property
    def rows(self) -> list[list[Any]]:
        """What has scrolled away, and what is on the screen now: pyte's characters."""
        with self._changed:
            screen = self._screen
            lines = (*screen.history.top, *(screen.buffer[y] for y in range(screen.lines)))
            return [[line[x] for x in range(screen.columns)] for line in lines]

    @property
    def shown(self) -> str:
        """The same as text."""
        rows = ("".join(one.data for one in row).rstrip() for row in self.rows)
        return "\n".join(rows).rstrip()

    def types(self, text: str) -> None:
        """Press these keys; a return is a carriage return."""
        data = text.encode()
        while data and select.select([], [self._master], [], PATIENCE)[1]:
            data = data[os.write(self._master, data[:1_000]) :]

    def pastes(self, text: str) -> None:
        """Paste, as a terminal does that says where it begins and ends."""
        self.types(f"\x1b[200~{text}\x1b[201~")

    def sees(self, text: str, *, times: int = 1, seconds: float = PATIENCE) -> str:
        """Return all that is shown once this is among it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while (shown := self.shown).count(text) < times:
                changed = self._changed.wait(deadline - time.monotonic())
                assert changed, f"no {text!r} in:\n{shown}"
        return shown

    async def sees_meanwhile(self, text: str, *, times: int = 1) -> str:
        """The same while other tasks go on."""
        return await asyncio.to_thread(lambda: self.sees(text, times=times))

    def ends(self) -> int:
        """The program's exit code, once it has ended."""
        code = self.process.wait(PATIENCE)
        self._reader.join(5)
        return code

    async def ends_meanwhile(self) -> int:
        """The same while other tasks go on."""
        return await asyncio.to_thread(self.ends)

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window to another size."""
        with self._changed:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the window.

        Its reader is ended first: the next terminal may be given the same number, and would lose
        to it what is shown there.
        """
        if self._hang_up >= 0:
            os.close(self._hang_up)
            self._hang_up = -1
            self._reader.join()
            os.close(self._hung_up)
            os.close(self._master)

    def _read(self) -> None:
        while self._hung_up not in select.select([self._master, self._hung_up], [], [])[0]:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # as Linux says that the program has ended
                return
            if not data:  # as others do
                return
            with self._changed:
                self.output += data
                self._stream.feed(data)
                self._changed.notify_all()


Open = Callable[..., Terminal]
"""Opens one, with the arguments of Terminal."""


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **given}

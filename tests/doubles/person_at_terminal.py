"""Somebody at a real terminal: reads what a program shows there, and types."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds for the next words
CTRL_C, CTRL_D = "\x03", "\x04"


class PersonAtTerminal:
    """One program at one terminal."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self._master, self.process = master, process
        self.shown = ""
        """All that the terminal showed."""
        self._read_to = 0
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._on_output)

    async def sees(self, words: str) -> str:
        """Wait for these words, after those seen before; returns what stood up to their end.

        They may stand on two lines: a terminal is narrow.
        """
        ends = time.monotonic() + PATIENCE
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
        while not (found := pattern.search(self.shown, self._read_to)):
            if time.monotonic() > ends or self.process.returncode is not None:
                raise AssertionError(f"{words!r} is not there after:\n{self.shown[-3_000:]}")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 0.1)
            except TimeoutError:
                continue
        before, self._read_to = self._read_to, found.end()
        return self.shown[before : found.end()]

    def types(self, text: str, *, enter: bool = True) -> None:
        """Type it at once, as a paste does."""
        os.write(self._master, (text + ("\r" if enter else "")).encode())

    async def answers(self, words: str, text: str) -> None:
        """Type this once these words and a prompt behind them are shown."""
        await self.sees(words)
        await self.sees(">")
        await asyncio.sleep(0.05)  # the prompt is shown just before the terminal hides what comes
        self.types(text)

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        await asyncio.sleep(0.05)  # its last words
        return code

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    def _on_output(self) -> None:
        try:
            self.shown += (
                os.read(self._master, 65_536).decode(errors="replace").replace("\r\n", "\n")
            )
        except OSError:  # the other end is closed
            asyncio.get_running_loop().remove_reader(self._master)
        self._changed.set()


@asynccontextmanager
async def at_terminal(
    *arguments: str, folder: Path, environ: Mapping[str, str], columns: int = 80
) -> AsyncIterator[PersonAtTerminal]:
    """`nellie` with these arguments, in a folder, with these settings alone."""
    foreign = (
        "NELLIE_",
        "DISCORD_",
        "SLACK_",
        "OPENAI_",
        "DATABASE_URL",
        "DISPLAY",
        "WAYLAND_",
        "COLUMNS",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *arguments),
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environ},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=_own_the_terminal,
    )
    os.close(slave)
    person = PersonAtTerminal(master, process)
    try:
        yield person
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        person.close()


def _own_the_terminal() -> None:
    """Make it the controlling terminal, whose Ctrl-C is a signal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

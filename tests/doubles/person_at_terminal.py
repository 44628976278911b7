"""Somebody at a terminal who is led through something: reads on, and answers what is asked."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from doubles.terminal import PATIENCE, Terminal

CTRL_C, CTRL_D = "\x03", "\x04"


class PersonAtTerminal:
    """Has one program at one terminal, while the doubles of a platform go on in the same loop."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._read_to = 0

    @property
    def shown(self) -> str:
        """All that the program wrote."""
        return self._terminal.output.decode(errors="replace").replace("\r\n", "\n")

    async def sees(self, words: str) -> str:
        """Wait for these words, after those seen before; returns what stood up to their end.

        They may stand on two lines: a terminal is narrow.
        """
        deadline = time.monotonic() + PATIENCE
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
        while True:
            over = time.monotonic() > deadline or self._terminal.has_ended
            shown = self.shown
            if found := pattern.search(shown, self._read_to):
                break
            assert not over, f"{words!r} is not there after:\n{shown[-3_000:]}"
            await asyncio.sleep(0.02)
        before, self._read_to = self._read_to, found.end()
        return shown[before : found.end()]

    def types(self, text: str, *, enter: bool = True) -> None:
        """Type it at once, as a paste does."""
        self._terminal.types(text + ("\r" if enter else ""))

    async def answers(self, words: str, text: str) -> None:
        """Type this once these words and a prompt behind them are shown."""
        await self.sees(words)
        await self.sees(">")
        await asyncio.sleep(0.05)  # the prompt is shown just before the terminal hides what comes
        self.types(text)

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        return await self._terminal.ends_meanwhile()


@asynccontextmanager
async def at_terminal(
    *arguments: str, folder: Path, environ: Mapping[str, str], columns: int = 80
) -> AsyncIterator[PersonAtTerminal]:
    """`nellie` with these arguments, in a folder, with these settings alone."""
    terminal = Terminal(*arguments, folder=folder, columns=columns, **environ)
    try:
        yield PersonAtTerminal(terminal)
    finally:
        await asyncio.to_thread(terminal.close)

"""The console: what is typed or piped in is said, what Nellie answers is printed."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from adapters.console.incoming import Person, command, message
from adapters.console.screen import Screen
from bot.conversation import Channel, Turn
from bot.errors import DatabaseUnavailable, NellieError
from bot.ports import Adapter, Door, Posts

PATIENCE = 0.5  # seconds between attempts while the database is away


@dataclass
class ConsoleAdapter(Adapter):
    """One person at a terminal or a pipe, in a channel that is theirs to name."""

    person: Person = field(default_factory=lambda: Person("you"))
    channel: Channel = field(default_factory=lambda: Channel("console", "local", "console"))
    group: bool = False
    """In a group she is spoken to by name; alone with her, every line is meant for her."""
    screen: Screen = field(default_factory=Screen)
    name: str = "console"

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Never by the environment: `nellie chat` starts it."""
        return None

    @classmethod
    def at(cls, channel: Channel, person: str) -> Self:
        """A console in a channel; where it is not direct, there she is spoken to by name."""
        return cls(Person(person), channel, group=not channel.direct)

    async def run(self, door: Door) -> None:
        """Say line after line, each after the answer to the one before, to the end of input."""
        self.screen.welcome(self.channel, self.person.name, group=self.group)
        lines = _lines(self.screen)
        while (line := await lines.get()) is not None:
            if line.strip():
                await self._line(door, line)
            self.screen.ready()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Print the answer as it comes; it cannot be looked up again, so it may come twice."""
        posts.allow()
        if turn.trigger.text and turn.attempts > 1:
            self.screen.note(f"(To what was asked before: {turn.trigger.text[:200]})")
        async for piece in text:
            posts.allow()
            self.screen.write(piece)
        self.screen.end()

    async def _line(self, door: Door, line: str) -> None:
        try:
            asked = command(line, self.channel, self.person)
            if asked:
                reply = await door.command(asked)
                self.screen.reply(reply, asked.name)
                if reply.attachment:
                    self._save(reply.attachment)
            else:
                await self._say(door, line)
        except NellieError as error:
            self.screen.note(str(error))

    async def _say(self, door: Door, line: str) -> None:
        said = message(line, self.channel, self.person, group=self.group)
        told = False
        while True:
            try:
                received = await door.receive(said)
                if received.turn:
                    await self._over(door, received.turn)
                return
            except DatabaseUnavailable as error:
                if not told:
                    self.screen.note(str(error))
                    told = True
                await asyncio.sleep(PATIENCE)

    async def _over(self, door: Door, turn: int) -> None:
        """Wait for the answer; Ctrl-C stops it."""
        loop = asyncio.get_running_loop()
        stop = lambda: asyncio.ensure_future(door.stop(turn))  # noqa: E731  # a handler, one line
        with self.screen.interrupting(loop, stop):
            await door.over(turn)

    def _save(self, content: str) -> None:
        """Put a file beside the person, never over another one."""
        stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in self.channel.id)
        path, number = Path(f"nellie-{stem}.jsonl"), 1
        while path.exists():
            number += 1
            path = Path(f"nellie-{stem}-{number}.jsonl")
        path.write_text(content, encoding="utf-8")
        self.screen.note(f"Saved as {path.resolve()}")


def _lines(screen: Screen) -> asyncio.Queue[str | None]:
    """Lines of standard input as they come, read in a thread that never holds up the exit."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for raw in iter(sys.stdin.buffer.readline, b""):
            text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
            loop.call_soon_threadsafe(lines.put_nowait, text)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    screen.ready()
    return lines

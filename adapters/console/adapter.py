"""The console: what is typed or piped in is said, what Nellie answers is printed."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self, TypeVar

from adapters.console.incoming import Person, command, message
from adapters.console.keyboard import Keyboard
from adapters.console.screen import Screen
from bot.conversation import Channel, Command, Turn
from bot.errors import DatabaseUnavailable, NellieError
from bot.ports import Adapter, Door, Posts

PATIENCE = 0.5  # seconds between attempts while the database is away
UNANSWERED = "There is no answer to this; your message is remembered. Please ask again."

T = TypeVar("T")


@dataclass
class ConsoleAdapter(Adapter):
    """One person at a terminal or a pipe, in a channel that is theirs to name."""

    person: Person = field(default_factory=lambda: Person("you"))
    channel: Channel = field(default_factory=lambda: Channel("console", "local", "console"))
    group: bool = False
    """In a group she is spoken to by name; alone with her, every line is meant for her."""
    screen: Screen = field(default_factory=Screen)
    descriptor: int = 0
    """Where lines come from: standard input."""
    name: str = "console"
    _session: str = field(default_factory=lambda: uuid.uuid4().hex)
    _asking: str = ""
    """The id of the message whose answer is awaited here."""

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
        keyboard = Keyboard(self.descriptor)
        try:
            self.screen.ready()
            while not self.screen.out.unread and (line := await keyboard.line()) is not None:
                self.screen.entered()
                if line.strip():
                    await self._line(door, line)
                self.screen.ready()
        finally:
            self.screen.farewell()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Print the answer as it comes. What was printed stays: after a crash it comes again."""
        posts.allow()
        mine = turn.trigger.id == self._asking
        shown = mine or (self.screen.watched and turn.channel == self.channel)
        if shown and turn.attempts > 1:
            self.screen.note(f"(Once more, to: {turn.trigger.text[:200]})")
        async for piece in text:
            posts.allow()
            if shown:
                self.screen.write(piece)
        self.screen.end()
        if mine:
            self._asking = ""
        elif shown:
            self.screen.ready()

    async def _line(self, door: Door, line: str) -> None:
        try:
            if asked := command(line, self.channel, self.person):
                await self._command(door, asked)
            else:
                await self._say(door, line)
        except NellieError as error:
            self.screen.tell(str(error))

    async def _command(self, door: Door, asked: Command) -> None:
        reply = await self._patiently(lambda: door.command(asked))
        self.screen.reply(reply, asked.name)
        if reply.attachment:
            self.screen.tell(_save(reply.attachment, self.channel.id))

    async def _say(self, door: Door, line: str) -> None:
        said = message(line, self.channel, self.person, group=self.group, session=self._session)
        self._asking = said.id
        received = await self._patiently(lambda: door.receive(said))
        if turn := received.turn:
            loop = asyncio.get_running_loop()
            with self.screen.interrupting(lambda: loop.create_task(door.stop(turn))):
                await self._patiently(lambda: door.over(turn))
            if self._asking:
                self.screen.note(UNANSWERED)

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """A step, repeated while the database is away; what was typed is not lost meanwhile."""
        told = False
        while True:
            try:
                return await step()
            except DatabaseUnavailable as error:
                if not told:
                    self.screen.note(str(error))
                    told = True
                await asyncio.sleep(PATIENCE)


def _save(content: str, channel: str) -> str:
    """Put a file beside the person, never over another one; returns what to tell them."""
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in channel)[:80]
    for number in count(1):
        path = Path(f"nellie-{stem}-{number}.jsonl" if number > 1 else f"nellie-{stem}.jsonl")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
        except FileExistsError:
            continue
        except OSError as error:
            return f"It cannot be saved in this folder ({error.strerror}): try nellie export."
        break
    return f"Saved as {path.resolve()}"

"""The console: every line that comes in is a message or a command; answers are printed."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol, Self, TypeVar

from adapters.console.incoming import Person, to_command, to_message
from adapters.console.keyboard import Keyboard
from adapters.console.lines import LEAVING, Lines
from adapters.console.screen import Screen
from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import NellieError
from bot.domain.model import Channel, Command, Message, Received, Reply, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog

DATABASE_PAUSE = 0.5  # seconds between attempts while the database is away
UNANSWERED = "There is no answer to this; your message is remembered. Please ask again."
HELPING = {"help", "?"}
KEYS = (
    "Ctrl-C stops an answer, and twice leaves; so do exit, quit and Ctrl-D. Up and Ctrl-R find"
    " what you typed before, Tab completes commands, Alt-Enter begins a new line."
)
FORGETTING = {"forget", "optout", "retention"}
"""What /memory does after which a terminal offers nothing again that was typed."""

T = TypeVar("T")


class Receiver(Protocol):
    """What the console asks of an inbox."""

    async def receive(self, message: Message) -> Received:
        """Take a message."""
        ...


class Answers(Protocol):
    """What the console asks of turns."""

    async def stop(self, turn_id: int) -> None:
        """Stop an answer."""
        ...

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once it has ended."""
        ...


@dataclass
class ConsoleAdapter(Adapter):
    """One person at a terminal or a pipe, in a channel that is theirs to name."""

    person: Person = field(default_factory=lambda: Person("you"))
    channel: Channel = field(default_factory=lambda: Channel("console", "local", "console"))
    group: bool = False
    """In a group Nellie is addressed by name; alone with a person, by every line."""
    screen: Screen = field(default_factory=Screen)
    descriptor: int = 0
    """The file that lines come from: standard input."""
    lines: Lines | None = None
    """A terminal that lines come from, instead."""
    reading: bool = False
    """The channel is a platform's: it is looked into, and nothing is said there."""
    latest: list[Message] = field(default_factory=list)
    """What was said last in such a channel."""
    name: str = "console"
    _session: str = field(default_factory=lambda: uuid.uuid4().hex)
    _awaited_id: str = ""
    """The id of the message whose answer is awaited here."""
    _speaking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Two answers are not shown at once: one may be owed since a crash."""

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Never by the environment: `nellie chat` starts it."""
        return None

    @classmethod
    def at(
        cls,
        channel: Channel,
        person: str,
        *,
        folder: Path,
        usages: Mapping[str, str],
        reading: bool = False,
    ) -> Self:
        """A console in a channel; one that is not direct is a group.

        `folder` is where a terminal keeps what was typed, `usages` the commands that it completes.
        """
        console = cls(
            Person(person), channel, group=not (channel.direct or reading), reading=reading
        )
        if sys.stdin is not None and sys.stdin.isatty():
            from adapters.console.terminal.preparing import prepare  # only here: it is large

            kept = None if reading else folder
            console.screen, console.lines = prepare(kept, usages, group=console.group)
        return console

    async def run(self, inbox: Receiver, turns: Answers, commands: Commands) -> None:
        """Take line after line, each after the answer to the one before, to the end of input."""
        screen, lines = self.screen, self.lines or Keyboard(self.descriptor)
        screen.greet(self.channel, self.person.name, group=self.group, reading=self.reading)
        screen.show_latest(self.latest)
        lines.open()
        try:
            screen.show_prompt()
            while not screen.out.closed and (line := await lines.read_line()) is not None:
                screen.line_entered(line)
                if screen.interactive and line.strip().casefold() in LEAVING:
                    break
                if line.strip():
                    await self._handle(line, lines, inbox, turns, commands)
                screen.show_prompt()
        finally:
            screen.leave()
            await lines.close()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Print the answer as it comes. What was printed stays: after a crash it comes again."""
        delivery_log.require_lease()
        awaited = turn.trigger.id == self._awaited_id
        shown = awaited or (self.screen.interactive and turn.channel == self.channel)
        if not shown:
            async for _ in text:
                delivery_log.require_lease()
            return
        async with self._speaking:
            await self._show(turn, text, delivery_log)
        if awaited:
            self._awaited_id = ""
        elif not self._awaited_id:
            self.screen.show_prompt()

    async def _show(self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog) -> None:
        if turn.attempts > 1:
            self.screen.notify(f"(Once more, to: {turn.trigger.text[:200]})")
        self.screen.begin_answer(delivery_log)
        try:
            async for piece in text:
                delivery_log.require_lease()
                self.screen.write(piece)
        finally:
            self.screen.end_answer()

    async def _handle(
        self, line: str, lines: Lines, inbox: Receiver, turns: Answers, commands: Commands
    ) -> None:
        helping = self.screen.interactive and line.strip().casefold() in HELPING
        try:
            if command := to_command("/help" if helping else line, self.channel, self.person):
                reply = await self._run(command, commands)
                if _forgets(command) and not reply.confirm:
                    lines.forget()
            else:
                await self._ask(line, inbox, turns)
        except NellieError as error:
            self.screen.print(str(error))

    async def _run(self, command: Command, commands: Commands) -> Reply:
        reply = await self._retry(lambda: commands.run(command))
        self.screen.show_reply(reply, command.name)
        if command.name == "help" and self.screen.interactive:
            self.screen.print(KEYS)
        if reply.attachment:
            self.screen.print(_save(reply.attachment, self.channel.id))
        return reply

    async def _ask(self, line: str, inbox: Receiver, turns: Answers) -> None:
        message = to_message(
            line, self.channel, self.person, group=self.group, session=self._session
        )
        self._awaited_id = message.id
        received = await self._retry(lambda: inbox.receive(message))
        if turn := received.turn:
            loop = asyncio.get_running_loop()
            with self.screen.on_interrupt(lambda: loop.create_task(turns.stop(turn))):
                await self._retry(lambda: turns.wait_until_ended(turn))
            if self._awaited_id:
                self.screen.notify(UNANSWERED)

    async def _retry(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step while the database is away: what was typed is not lost meanwhile."""
        return await retry_while_database_is_away(
            step,
            pause=DATABASE_PAUSE,
            on_lost=lambda error: self.screen.notify(error.while_retrying),
        )


def _forgets(command: Command) -> bool:
    words = command.arguments.split()
    return command.name == "memory" and bool(words) and words[0].lower() in FORGETTING


def _save(content: str, channel: str) -> str:
    """Save a file in the working directory, never over another one; returns what to print."""
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

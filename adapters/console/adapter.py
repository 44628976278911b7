"""The console: every line that comes in is a message or a command; answers are printed."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from adapters.console.engine import Answers, Receiver
from adapters.console.incoming import Person, to_command, to_message
from adapters.console.keyboard import Keyboard
from adapters.console.lines import LEAVING, Lines
from adapters.console.local_zone import local_zone
from adapters.console.opening import open_screen
from adapters.console.saving import save
from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.consents import asking_turn
from bot.domain.errors import NellieError
from bot.domain.examples import Example, leads_back
from bot.domain.model import Channel, Command, Message, Reply, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog

if TYPE_CHECKING:
    from adapters.console.screen import Screen

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


@dataclass
class ConsoleAdapter(Adapter):
    """One person at a terminal or a pipe, in a channel that is theirs to name."""

    person: Person = field(default_factory=lambda: Person("you"))
    channel: Channel = field(default_factory=lambda: Channel("console", "local", "console"))
    group: bool = False
    """In a group Nellie is addressed by name; alone with a person, by every line."""
    screen: "Screen" = field(default_factory=open_screen)
    descriptor: int = 0
    """The file that lines come from: standard input."""
    lines: Lines | None = None
    """A terminal that lines come from, instead."""
    reading: bool = False
    """The channel is a platform's: it is looked into, and nothing is said there."""
    latest: list[Message] = field(default_factory=list)
    """What was said last in such a channel."""
    reads: Callable[[str], str] = field(default=lambda line: "")
    """What a line says in so many words: "forget", "yes", or nothing of that kind."""
    example: Example | None = None
    """A conversation that is offered to try."""
    name: str = "console"
    _own: Channel | None = None
    """The person's own channel, while they try the example."""
    _session: str = field(default_factory=lambda: uuid.uuid4().hex)
    _awaited_id: str = ""
    """The id of the message whose answer is awaited here."""
    _forgetting: bool = False
    """The person was asked last whether something is to be forgotten."""
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
        if self.example:
            screen.offer(self.example.offer)
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
        awaited = self._awaits(turn)
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

    def _awaits(self, turn: Turn) -> bool:
        """Whether somebody waits for this answer here, also for what follows from a yes or no."""
        follows = asking_turn(turn.trigger) is not None and turn.channel == self.channel
        return turn.trigger.id == self._awaited_id or (follows and bool(self._awaited_id))

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

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """At their own machine a person has all rights."""
        return True

    async def time_zone(self, person_id: str) -> tzinfo:
        """At their own machine, a person's day is the machine's."""
        return local_zone()

    async def _handle(
        self, line: str, lines: Lines, inbox: Receiver, turns: Answers, commands: Commands
    ) -> None:
        if (tried := await self._try(line)) is not None:
            line = tried
        if not line:
            return
        helping = self.screen.interactive and line.strip().casefold() in HELPING
        try:
            if command := to_command("/help" if helping else line, self.channel, self.person):
                reply = await self._run(command, commands)
                self._note_forgetting(lines, command.name, asks=_forgets(command), reply=reply)
            else:
                await self._ask(line, inbox, turns)
                said = self.reads(line)
                self._note_forgetting(lines, said, asks=said == "forget")
        except NellieError as error:
            self.screen.print(str(error))

    def _note_forgetting(
        self, lines: Lines, said: str, *, asks: bool, reply: Reply | None = None
    ) -> None:
        """Let a terminal offer nothing again that was typed, once something was forgotten."""
        if (asks and reply and not reply.confirm) or (said == "yes" and self._forgetting):
            lines.forget()
        self._forgetting = asks

    async def _try(self, line: str) -> str | None:
        """Go over to the example, or back, where a line asks for that; returns what is asked there.

        None for every other line.
        """
        if not (self.example and self.screen.interactive):
            return None
        if self._own and leads_back(line):
            self.channel, self._own = self._own, None
            self.screen.print(f"You are back in {self.channel.name or self.channel.id}.")
            return ""
        asked = self.example.asked(line)
        if asked is not None and not self._own:
            found = await self.example.bring_in()
            if found is None:
                self.screen.print(self.example.gone)
                return ""
            self.channel, self._own = replace(found, direct=self.channel.direct), self.channel
            self.screen.print(self.example.arrived)
        return f"@nellie {asked}" if asked and self.group else asked

    async def _run(self, command: Command, commands: Commands) -> Reply:
        reply = await self._retry(lambda: commands.run(command))
        self.screen.show_reply(reply, command.name)
        if command.name == "help" and self.screen.interactive:
            self.screen.print(KEYS)
        if reply.attachment:
            self.screen.print(save(reply.attachment, self.channel.id))
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

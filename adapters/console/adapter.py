"""The console: every line that comes in is a message or a command; answers are printed."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self, TypeVar

from adapters.console.incoming import Person, to_command, to_message
from adapters.console.keyboard import Keyboard
from adapters.console.screen import Screen
from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import NellieError
from bot.domain.model import Channel, Command, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl

DATABASE_PAUSE = 0.5  # seconds between attempts while the database is away
UNANSWERED = "There is no answer to this; your message is remembered. Please ask again."

T = TypeVar("T")


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
    name: str = "console"
    _session: str = field(default_factory=lambda: uuid.uuid4().hex)
    _awaited_id: str = ""
    """The id of the message whose answer is awaited here."""

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Never by the environment: `nellie chat` starts it."""
        return None

    @classmethod
    def at(cls, channel: Channel, person: str) -> Self:
        """A console in a channel; one that is not direct is a group."""
        return cls(Person(person), channel, group=not channel.direct)

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Take line after line, each after the answer to the one before, to the end of input."""
        self.screen.greet(self.channel, self.person.name, group=self.group)
        keyboard = Keyboard(self.descriptor)
        try:
            self.screen.show_prompt()
            while not self.screen.out.closed and (line := await keyboard.read_line()) is not None:
                self.screen.line_entered()
                if line.strip():
                    await self._handle(line, inbox, turns, commands)
                self.screen.show_prompt()
        finally:
            self.screen.leave()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Print the answer as it comes. What was printed stays: after a crash it comes again."""
        delivery_log.require_lease()
        awaited = turn.trigger.id == self._awaited_id
        shown = awaited or (self.screen.interactive and turn.channel == self.channel)
        if shown and turn.attempts > 1:
            self.screen.notify(f"(Once more, to: {turn.trigger.text[:200]})")
        async for piece in text:
            delivery_log.require_lease()
            if shown:
                self.screen.write(piece)
        self.screen.end_answer()
        if awaited:
            self._awaited_id = ""
        elif shown:
            self.screen.show_prompt()

    async def _handle(
        self, line: str, inbox: Inbox, turns: TurnControl, commands: Commands
    ) -> None:
        try:
            if command := to_command(line, self.channel, self.person):
                await self._run(command, commands)
            else:
                await self._ask(line, inbox, turns)
        except NellieError as error:
            self.screen.print(str(error))

    async def _run(self, command: Command, commands: Commands) -> None:
        reply = await self._retry(lambda: commands.run(command))
        self.screen.show_reply(reply, command.name)
        if reply.attachment:
            self.screen.print(_save(reply.attachment, self.channel.id))

    async def _ask(self, line: str, inbox: Inbox, turns: TurnControl) -> None:
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

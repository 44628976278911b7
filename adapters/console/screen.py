"""What the console shows: colours for people at a terminal, plain text for a pipe."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from bot.conversation import Channel, Reply


@dataclass
class Screen:
    """Standard output."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    person: str = "you"
    _open: bool = False

    def welcome(self, channel: Channel, person: str, *, group: bool) -> None:
        """Say where one is and what one can do; a pipe needs no greeting."""
        self.person = person
        if not self.console.is_terminal:
            return
        how = "say @nellie to ask her" if group else "every line is for her"
        self.console.print(
            f"[bold]Nellie[/] in [cyan]{channel.name or channel.id}[/]: {how};"
            " /help lists commands, Ctrl-D leaves."
        )

    def ready(self) -> None:
        """Invite the next line."""
        if self.console.is_terminal:
            self.console.print(Text(f"{self.person}> ", "green"), end="")

    def write(self, text: str) -> None:
        """A piece of an answer."""
        if not self._open and self.console.is_terminal:
            self.console.print(Text("nellie> ", "magenta"), end="")
        self._open = True
        self.console.print(Text(printable(text)), end="")

    def end(self) -> None:
        """The answer is whole."""
        if self._open:
            self.console.print()
        self._open = False

    def note(self, text: str) -> None:
        """Something that is not part of the conversation."""
        self.end()
        self.console.print(Text(printable(text), "yellow" if self.console.is_terminal else ""))

    def reply(self, reply: Reply, command: str) -> None:
        """What a command answered, and how to go through with it when it asks."""
        self.console.print(Text(printable(reply.text)))
        if reply.confirm:
            self.note(f"To go through with it: /{command} {reply.confirm}")

    @contextlib.contextmanager
    def interrupting(
        self, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]
    ) -> Iterator[None]:
        """Ctrl-C stops the answer instead of the program, where someone sits at a terminal."""
        if not self.console.is_terminal:
            yield
            return
        loop.add_signal_handler(signal.SIGINT, stop)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)


def printable(text: str) -> str:
    """Text without what a terminal would obey: remembered words must not move the cursor."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c in "\u200b\u200d"))

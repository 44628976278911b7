"""What the console shows: colours for people at a terminal, nothing but answers for a pipe."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from bot.conversation import Channel, Reply
from bot.text import clean


class Output(Console):
    """A console whose reader may leave."""

    unread = False

    def on_broken_pipe(self) -> None:
        """Say no more; Python itself would complain about it at its exit."""
        self.unread = self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _output(*, stderr: bool = False) -> Output:
    return Output(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _watched() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@dataclass
class Screen:
    """Standard output; what is not part of the conversation goes to standard error in a pipe."""

    watched: bool = field(default_factory=_watched)
    """Someone sits at a terminal: greet, invite, and let Ctrl-C stop an answer."""
    out: Output = field(default_factory=_output)
    err: Output = field(default_factory=lambda: _output(stderr=True))
    _invitation: str = ""
    _inviting: bool = False
    _answering: bool = False

    def welcome(self, channel: Channel, person: str, *, group: bool) -> None:
        """Say where one is and what one can do."""
        if self.watched:
            self._invitation = f"{clean(person)}> "
            how = "say @nellie to ask her" if group else "every line is for her"
            where = Text.assemble(
                ("Nellie", "bold"), " in ", (clean(channel.name or channel.id), "cyan")
            )
            self.out.print(where, f"{how}; /help lists commands, Ctrl-D leaves.", sep=": ")

    def ready(self) -> None:
        """Invite the next line."""
        if self.watched:
            self.out.print(Text(self._invitation, "green"), end="")
            self._inviting = True

    def entered(self) -> None:
        """The invited line has come, and its end with it."""
        self._inviting = False

    def farewell(self) -> None:
        """Whoever leaves does so behind the invitation or in the middle of an answer."""
        self.end()
        self._on_a_line_of_its_own()

    def write(self, text: str) -> None:
        """A piece of an answer."""
        if not self._answering and self.watched:
            self._on_a_line_of_its_own()
            self.out.print(Text("nellie> ", "magenta"), end="")
        self._answering = True
        self.out.print(Text(clean(text)), end="")

    def end(self) -> None:
        """The answer is whole."""
        if self._answering:
            self.out.print()
        self._answering = False

    def reply(self, reply: Reply, command: str) -> None:
        """What a command answered, and how to go through with it when it asks."""
        self.tell(reply.text)
        if reply.confirm:
            self.tell(f"To go through with it: /{command} {reply.confirm}")

    def tell(self, text: str) -> None:
        """An answer that is no part of the conversation."""
        self.out.print(Text(clean(text)))

    def note(self, text: str) -> None:
        """Something about the conversation, for whoever watches."""
        self.end()
        if self.watched:
            self._on_a_line_of_its_own()
            self.out.print(Text(clean(text), "yellow"))
        else:
            self.err.print(Text(f"nellie: {clean(text)}"))

    @contextlib.contextmanager
    def interrupting(self, stop: Callable[[], object]) -> Iterator[None]:
        """Ctrl-C stops the answer, where someone sits at a terminal; a second one leaves."""
        if not self.watched:
            yield
            return
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

        def hand_back() -> None:
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, before)

        def once() -> None:
            hand_back()
            stop()

        loop.add_signal_handler(signal.SIGINT, once)
        try:
            yield
        finally:
            hand_back()

    def _on_a_line_of_its_own(self) -> None:
        if self._inviting:
            self.out.print()
        self._inviting = False

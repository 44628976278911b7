"""What the console shows: colours at a terminal, nothing but answers in a pipe."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from bot.domain.model import Channel, Reply
from bot.text.sanitize import clean


class Output(Console):
    """A console whose reader may go away."""

    closed = False

    def on_broken_pipe(self) -> None:
        """Print no more, and keep Python itself from complaining about the pipe at its exit."""
        self.closed = self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _output(*, stderr: bool = False) -> Output:
    return Output(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _is_interactive() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@dataclass
class Screen:
    """Standard output; in a pipe, what is no answer goes to standard error."""

    interactive: bool = field(default_factory=_is_interactive)
    """A person sits at a terminal: greet, show a prompt, and let Ctrl-C stop an answer."""
    out: Output = field(default_factory=_output)
    err: Output = field(default_factory=lambda: _output(stderr=True))
    _prompt: str = ""
    _prompting: bool = False
    _answering: bool = False

    def greet(self, channel: Channel, person: str, *, group: bool) -> None:
        """Say where the person is and what they can do."""
        if self.interactive:
            self._prompt = f"{clean(person)}> "
            how = "say @nellie to ask her" if group else "every line is for her"
            where = Text.assemble(
                ("Nellie", "bold"), " in ", (clean(channel.name or channel.id), "cyan")
            )
            self.out.print(where, f"{how}; /help lists commands, Ctrl-D leaves.", sep=": ")

    def show_prompt(self) -> None:
        """Ask for the next line."""
        if self.interactive:
            self.out.print(Text(self._prompt, "green"), end="")
            self._prompting = True

    def line_entered(self) -> None:
        """The line has come, and has ended the line of the prompt."""
        self._prompting = False

    def leave(self) -> None:
        """End the line: people leave behind the prompt, or in the middle of an answer."""
        self.end_answer()
        self._start_line()

    def write(self, text: str) -> None:
        """Print a piece of an answer."""
        if not self._answering and self.interactive:
            self._start_line()
            self.out.print(Text("nellie> ", "magenta"), end="")
        self._answering = True
        self.out.print(Text(clean(text)), end="")

    def end_answer(self) -> None:
        """The answer is whole."""
        if self._answering:
            self.out.print()
        self._answering = False

    def show_reply(self, reply: Reply, command: str) -> None:
        """Print what a command answered, and how to confirm it when it asks."""
        self.print(reply.text)
        if reply.confirm:
            self.print(f"To go through with it: /{command} {reply.confirm}")

    def print(self, text: str) -> None:
        """Print an answer that is no part of the conversation."""
        self.out.print(Text(clean(text)))

    def notify(self, text: str) -> None:
        """Print something about the conversation; in a pipe it goes to standard error."""
        self.end_answer()
        if self.interactive:
            self._start_line()
            self.out.print(Text(clean(text), "yellow"))
        else:
            self.err.print(Text(f"nellie: {clean(text)}"))

    @contextlib.contextmanager
    def on_interrupt(self, stop: Callable[[], object]) -> Iterator[None]:
        """Let Ctrl-C stop the answer, where a person sits at a terminal; a second one leaves."""
        if not self.interactive:
            yield
            return
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

        def restore() -> None:
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, before)

        def once() -> None:
            restore()
            stop()

        try:
            loop.add_signal_handler(signal.SIGINT, once)
        except NotImplementedError:  # on Windows, loops hear of no signals: there Ctrl-C leaves
            yield
            return
        try:
            yield
        finally:
            restore()

    def _start_line(self) -> None:
        if self._prompting:
            self.out.print()
        self._prompting = False

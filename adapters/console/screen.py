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

from adapters.console.wrapping import for_terminal
from bot.domain.model import Channel, Message, Reply
from bot.domain.ports import DeliveryLog
from bot.text.sanitize import clean

HERS = "nellie> "
"""What an answer begins with at a terminal."""


class Output(Console):
    """A console whose reader may go away."""

    closed = False

    def on_broken_pipe(self) -> None:
        """Print no more, and keep Python itself from complaining about the pipe at its exit."""
        self.closed = self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    def show(self, text: Text, *, end: str = "\n") -> None:
        """Print, where there is still a terminal or a pipe."""
        if self.closed:
            return
        try:
            self.print(text, end=end)
        except OSError:  # the terminal is gone, or the disk behind a file is full
            self.on_broken_pipe()


def _output(*, stderr: bool = False) -> Output:
    return Output(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def is_interactive() -> bool:
    """Whether a person types and reads here."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@dataclass
class Screen:
    """Standard output; in a pipe, what is no answer goes to standard error."""

    interactive: bool = field(default_factory=is_interactive)
    """A person sits at a terminal: greet, show a prompt, and let Ctrl-C stop an answer."""
    out: Output = field(default_factory=_output)
    err: Output = field(default_factory=lambda: _output(stderr=True))
    prompt: str = ""
    _prompting: bool = False
    _answering: bool = False

    def greet(self, channel: Channel, person: str, *, group: bool, reading: bool = False) -> None:
        """Say where the person is and what they can do."""
        if not self.interactive:
            return
        self.prompt = f"{clean(person)}> "
        name = clean(channel.name or channel.id)
        where = Text.assemble(("Nellie", "bold"), " in ", (name, "cyan"))
        if reading:
            where.append(f" ({channel.platform}), to look in")
            how = "what you ask here is posted nowhere and not remembered"
        else:
            how = "say @nellie to ask her" if group else "every line is for her"
        self._emit(where.append(f": {how}; /help lists commands, Ctrl-D leaves."))

    def show_latest(self, messages: list[Message]) -> None:
        """What was said last in the channel, for a person who has just come."""
        if self.interactive:
            for message in messages:
                when, who = f"{message.at:%Y-%m-%d %H:%M} ", f"{clean(message.author.name)}: "
                text = " ".join(clean(message.text).split())
                self._emit(Text.assemble((when, "dim"), (who, "cyan"), (text[:200], "dim")))

    def offer(self, text: str) -> None:
        """Say what a newcomer may try, where a person sits at a terminal."""
        if self.interactive:
            self.print(text)

    def show_prompt(self) -> None:
        """Ask for the next line."""
        if self.interactive:
            self._emit(Text(self.prompt, "green"), end="")
            self._prompting = True

    def line_entered(self, line: str) -> None:
        """The line has come, and has ended the line of the prompt."""
        self._prompting = False

    def leave(self) -> None:
        """End the line: people leave behind the prompt, or in the middle of an answer."""
        self.end_answer()
        self._start_line()

    def begin_answer(self, delivery_log: DeliveryLog) -> None:
        """An answer is being written; the log tells how far it is."""

    def write(self, text: str) -> None:
        """Print a piece of an answer."""
        if not self._answering and self.interactive:
            self._start_line()
            self._emit(Text(HERS, "magenta"), end="")
        self._answering = True
        self._emit(Text(clean(text)), end="")

    def end_answer(self) -> None:
        """The answer is whole."""
        if self._answering:
            self._emit(Text())
        self._answering = False

    def show_reply(self, reply: Reply, command: str) -> None:
        """Print what a command answered, and how to confirm it when it asks."""
        text = clean(reply.text)
        self.print(for_terminal(text, self.out.width) if self.interactive else text)
        if reply.confirm:
            self.print("Say yes to do it, or no to leave it, within ten minutes.")

    def print(self, text: str) -> None:
        """Print an answer that is no part of the conversation."""
        self._emit(Text(clean(text)))

    def notify(self, text: str) -> None:
        """Print something about the conversation; in a pipe it goes to standard error."""
        self.end_answer()
        if self.interactive:
            self._start_line()
            self._emit(Text(clean(text), "yellow"))
        else:
            self.err.show(Text(f"nellie: {clean(text)}"))

    @contextlib.contextmanager
    def on_interrupt(self, stop: Callable[[], object]) -> Iterator[None]:
        """Let Ctrl-C stop the answer, where a person sits at a terminal; a second one leaves."""
        if not self.interactive:
            yield
            return

        def once() -> None:
            restore()
            stop()

        restore = on_sigint(once)
        try:
            yield
        finally:
            restore()

    def _emit(self, text: Text, *, end: str = "\n") -> None:
        self.out.show(text, end=end)

    def _start_line(self) -> None:
        if self._prompting:
            self._emit(Text())
        self._prompting = False


def on_sigint(act: Callable[[], object]) -> Callable[[], None]:
    """Call it at SIGINT; returns what makes SIGINT do what it did before."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

    def restore() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)

    try:
        loop.add_signal_handler(signal.SIGINT, act)
    except NotImplementedError:  # on Windows, loops hear of no signals: there SIGINT leaves
        return lambda: None
    return restore

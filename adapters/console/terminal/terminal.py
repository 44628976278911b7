"""Where a person types: one line at a time, while answers stream above."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from itertools import groupby

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output

from adapters.console.screen import on_sigint
from adapters.console.terminal.completion import CommandCompleter
from adapters.console.terminal.history import KeptHistory
from adapters.console.terminal.live import FRAME_SECONDS
from adapters.console.terminal.modes import keep_quiet
from adapters.console.terminal.screen import LiveScreen

AGAIN = "Ctrl-C once more leaves; so do exit and Ctrl-D."
OWN = "nellie: "
"""What a sentence for the operator begins with on standard error."""
DRAWING_SHARE = 4  # times as long as drawing took is left until it is drawn again
FASTER_THAN_FINGERS = 16  # characters that come at once
MENU_ROWS = 6  # that are kept free below a command for what it can become


class Terminal:
    """Lines from a terminal that can be drawn upon (adapters.console.lines.Lines)."""

    def __init__(
        self,
        screen: LiveScreen,
        history: KeptHistory,
        completer: CommandCompleter,
        *,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._screen = screen
        self._history = history
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving: Callable[[], object] = lambda: None
        self._armed = False
        """Ctrl-C was the last key, and stopped nothing: once more, and the person leaves."""
        self._restore: tuple[Callable[[], None], ...] = ()
        self._session = self._make_session(history, completer, input, output or _output())

    async def read_line(self) -> str | None:
        """The next line; None once the person leaves."""
        line = await self._lines.get()
        if self._screen.progress:
            self._screen.progress.waiting = self._lines.qsize()
        return line

    def open(self) -> None:
        """Begin to read; Ctrl-C twice cancels the task that called this."""
        if current := asyncio.current_task():
            self._leaving = current.cancel
        self._restore = (keep_quiet(), on_sigint(self._interrupt))
        self._screen.app = self._session.app
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._move())]
        self._redirected = redirect_stderr(_Notices(self._screen.notify))
        self._redirected.__enter__()

    def forget(self) -> None:
        """Offer nothing again that was typed."""
        self._history.clear()

    async def close(self) -> None:
        """Leave the terminal as it was."""
        self._redirected.__exit__(None, None, None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._screen.detach()
        for restore in self._restore:
            restore()

    async def _read(self) -> None:
        """Put what is typed into the queue, to the end of input or the terminal."""
        line: str | None = ""
        while line is not None:
            try:
                line = await self._session.prompt_async(
                    set_exception_handler=False, handle_sigint=False
                )
            except (EOFError, OSError):
                line = None
                self._screen.detach()
            self._armed = False
            self._lines.put_nowait(readable(line))
            if self._screen.progress:
                self._screen.progress.waiting = self._lines.qsize()

    async def _move(self) -> None:
        """Draw what goes on again and again."""
        while True:
            await asyncio.sleep(FRAME_SECONDS)
            app = self._screen.app
            if self._screen.progress and app and app.is_running:
                app.invalidate()

    def _interrupt(self) -> None:
        """Ctrl-C: stop the answer; else throw the line away; twice, leave."""
        buffer = self._session.default_buffer
        if self._screen.interrupt():
            self._armed = True
        elif self._armed:
            self._leaving()
        elif buffer.text:
            buffer.reset()
        else:
            self._armed = True
            self._screen.notify(AGAIN)

    def _make_session(
        self, history: KeptHistory, completer: CommandCompleter, input: Input | None, output: Output
    ) -> PromptSession[str]:
        session = PromptSession[str](
            message=self._screen.lower_end,
            history=history,
            completer=completer,
            complete_while_typing=Condition(lambda: completer.applies(session.default_buffer.text)),
            reserve_space_for_menu=MENU_ROWS,
            key_bindings=self._keys(),
            enable_suspend=True,
            erase_when_done=True,
            input=input,
            output=output,
        )
        session.default_buffer.on_text_insert += lambda buffer: self._disarm()
        _read_in_runs(session.app.input)
        _draw_sparingly(session.app)
        return session

    def _disarm(self) -> None:
        self._armed = False

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c")
        def interrupt(event: KeyPressEvent) -> None:
            self._interrupt()

        @keys.add("escape", "enter")
        def break_line(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text("\n")

        return keys


def _read_in_runs(input: Input) -> None:
    """Take what comes in faster than anybody types as pasted: key by key, it would take minutes."""
    read = input.read_keys

    def read_keys() -> list[KeyPress]:
        keys = list[KeyPress]()
        for typed, run in groupby(read(), key=lambda key: len(key.key) == 1):
            pressed = list(run)
            if typed and len(pressed) >= FASTER_THAN_FINGERS:
                pressed = [KeyPress(Keys.BracketedPaste, "".join(one.key for one in pressed))]
            keys += pressed
        return keys

    input.read_keys = read_keys  # type: ignore[method-assign]  # its other methods stay


def _draw_sparingly(app: "Application[str]") -> None:
    """Leave time for reading: to draw a line of 50,000 characters takes half a second."""
    began = 0.0

    def before(_: object) -> None:
        nonlocal began
        began = time.monotonic()

    def after(_: object) -> None:
        app.min_redraw_interval = DRAWING_SHARE * (time.monotonic() - began)

    app.before_render += before
    app.after_render += after


class _Notices(StringIO):
    """Standard error meanwhile: sentences for the operator are shown, all else would be noise."""

    def __init__(self, show: Callable[[str], object]) -> None:
        super().__init__()
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._rest = ""

    def write(self, text: str) -> int:
        """Show whole lines of hers, from whichever thread they come."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.startswith(OWN) and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._show, line.removeprefix(OWN))
        return len(text)


def _output() -> Output:
    """Standard output. The terminal is not asked where its cursor is: not each one answers."""
    output = create_output(stdout=sys.stdout)
    if isinstance(output, Vt100_Output):
        output.enable_cpr = False
    return output


def readable(line: str | None) -> str | None:
    """What was typed; in UTF-8 also where the terminal was taken for another one."""
    if not line:
        return line
    encoding = getattr(sys.stdin, "encoding", None) or "utf-8"
    try:
        return line.encode(encoding, "surrogateescape").decode("utf-8")
    except (UnicodeError, LookupError):
        return line.encode("utf-8", "replace").decode("utf-8")

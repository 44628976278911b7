"""The screen above a line that is being typed: whole lines go up, what grows stays below."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from rich.text import Text

from adapters.console.screen import HERS, Screen
from adapters.console.terminal.live import Progress, tail
from bot.domain.ports import DeliveryLog
from bot.text.sanitize import clean

BUSY = "... "
"""The prompt while she answers: what is typed then waits its turn."""
ECHOED = 2_000  # characters of a message that are shown again


@dataclass
class LiveScreen(Screen):
    """A terminal at which a person types at the same time."""

    app: "Application[str] | None" = None
    """What draws the line that is typed."""
    progress: Progress | None = None
    """What she is doing; None while nothing is asked."""
    _growing: str = ""
    """The paragraph of the answer that has not ended."""
    _hers: str = ""
    """What stands before it: her name, before the first one."""
    _stop: Callable[[], object] | None = field(default=None, repr=False)

    def show_prompt(self) -> None:
        """It is there all the time."""
        self.progress = None
        self._redraw()

    def line_entered(self, line: str) -> None:
        """It was erased where it was typed; here it stands in the conversation."""
        if not line.strip():
            return
        shown = clean(line)
        if len(shown) > ECHOED:
            shown = f"{shown[:ECHOED]}... ({len(shown):,} characters)"
        self._emit(Text.assemble((self.prompt, "green"), shown))
        self.progress = Progress()

    def begin_answer(self, delivery_log: DeliveryLog) -> None:
        """Tell from now on how far this answer is."""
        self.progress = self.progress or Progress()
        self.progress.log = delivery_log

    def write(self, text: str) -> None:
        """Show whole lines of an answer above, and the rest of it where it grows."""
        if not self._answering:
            self._answering, self._hers = True, HERS
        if self.progress:
            self.progress.writing = True
        *lines, self._growing = (self._growing + clean(text)).split("\n")
        if lines:
            self._write_line("\n".join(lines))
        if self.app is None:
            self._flush()
        self._redraw()

    def end_answer(self) -> None:
        """Put up what is left of the answer."""
        if self._answering:
            if self._growing or self._hers:
                self._write_line(self._growing)
            self._answering, self._growing, self._hers = False, "", ""

    def interrupt(self) -> bool:
        """Stop the answer that is being written; False where there is none to stop."""
        if self._stop is None or (self.progress and self.progress.stopping):
            return False
        self._stop()
        if self.progress:
            self.progress.stopping = True
        return True

    def detach(self) -> None:
        """Nobody types any more: what is written goes straight to the terminal."""
        self.app = None
        if self._answering:
            self._flush()

    def lower_end(self) -> StyleAndTextTuples:
        """What stands below the lines that are whole, down to the prompt."""
        if self.app is None or self.app.is_done:
            return []
        if self.progress is None:
            return [("ansigreen", self.prompt)]
        size = self.app.output.get_size()
        text = self._hers + self._growing
        rows = tail(text, size.columns, size.rows // 2) if self._answering else []
        self.progress.stoppable = self._stop is not None
        line = self.progress.line(size.columns)
        return [*rows, ("ansibrightblack", f"{line}\n"), ("ansibrightblack", BUSY)]

    @contextlib.contextmanager
    def on_interrupt(self, stop: Callable[[], object]) -> Iterator[None]:
        """Ctrl-C is a key here (Terminal): it asks `interrupt`."""
        self._stop = stop
        try:
            yield
        finally:
            self._stop = None

    def _write_line(self, text: str) -> None:
        self._emit(Text.assemble((self._hers, "magenta"), text))
        self._hers = ""

    def _flush(self) -> None:
        """Without a line that is typed, nothing has to wait for its end."""
        self._emit(Text.assemble((self._hers, "magenta"), self._growing), end="")
        self._hers = self._growing = ""

    def _emit(self, text: Text, *, end: str = "\n") -> None:
        app = self.app
        if app is None or not app.is_running:
            super()._emit(text, end=end)
            return
        app.renderer.erase()
        super()._emit(text, end=end)
        app.invalidate()

    def _redraw(self) -> None:
        if self.app and self.app.is_running:
            self.app.invalidate()

"""A terminal that cannot be drawn upon (TERM=dumb), or whose answers go elsewhere."""

import sys
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.output import create_output
from prompt_toolkit.output.plain_text import PlainTextOutput
from prompt_toolkit.utils import is_dumb_terminal

from adapters.console.screen import Screen
from adapters.console.terminal.history import KeptHistory
from adapters.console.terminal.modes import keep_quiet
from adapters.console.terminal.terminal import AGAIN, readable


class PlainTerminal:
    """Lines of any length, one after each answer (adapters.console.lines.Lines)."""

    def __init__(self, screen: Screen, history: KeptHistory) -> None:
        self._screen = screen
        self._history = history
        # The library's own way with a dumb terminal is taken only where no output is named.
        dumb = is_dumb_terminal()
        elsewhere = None if dumb else create_output(stdout=sys.stderr)
        with create_app_session(output=PlainTextOutput(sys.stdout) if dumb else None):
            self._session = PromptSession[str](
                history=history, enable_suspend=True, output=elsewhere
            )
        self._armed = False
        self._restore: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Keep the terminal from echoing before a line is asked for."""
        self._restore = keep_quiet()

    async def read_line(self) -> str | None:
        """The next line; None once the person leaves, with Ctrl-D or Ctrl-C twice."""
        while True:
            try:
                line = await self._session.prompt_async(set_exception_handler=False)
            except KeyboardInterrupt:
                if self._armed:
                    return None
                self._armed = True
                self._screen.notify(AGAIN)
                self._screen.show_prompt()
            except (EOFError, OSError):
                return None
            else:
                self._armed = False
                return readable(line)

    def forget(self) -> None:
        """Offer nothing again that was typed."""
        self._history.clear()

    async def close(self) -> None:
        """Leave the terminal as it was."""
        self._restore()

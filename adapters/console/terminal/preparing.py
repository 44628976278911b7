"""Which kind of terminal this is, and what is shown and read on it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from prompt_toolkit.utils import is_dumb_terminal

from adapters.console.lines import Lines
from adapters.console.screen import Screen, is_interactive
from adapters.console.terminal.completion import CommandCompleter
from adapters.console.terminal.history import KeptHistory
from adapters.console.terminal.plain import PlainTerminal
from adapters.console.terminal.screen import LiveScreen
from adapters.console.terminal.terminal import Terminal

HISTORY = "console-history"


def prepare(folder: Path | None, usages: Mapping[str, str], *, group: bool) -> tuple[Screen, Lines]:
    """The screen and the lines of standard input, which is a terminal.

    `folder` is where what is typed is kept; without it that is forgotten at the end.
    """
    drawn = is_interactive() and not is_dumb_terminal()
    screen = LiveScreen() if drawn else Screen()

    def say(text: str) -> None:
        # Later: this may come in the middle of drawing.
        asyncio.get_running_loop().call_soon(screen.notify, text)

    history = KeptHistory(folder.expanduser() / HISTORY if folder else None, say)
    if isinstance(screen, LiveScreen):
        return screen, Terminal(screen, history, CommandCompleter(usages, group=group))
    return screen, PlainTerminal(screen, history)

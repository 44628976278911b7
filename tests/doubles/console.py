"""A console's two ends: a pipe that lines come from, and a screen that can be read."""

import os
from io import StringIO

from rich.console import Console

from adapters.console.screen import Output, Screen


def make_screen(*, interactive: bool) -> Screen:
    """A screen whose text `printed` returns."""

    def console() -> Output:
        return Output(file=StringIO(), soft_wrap=True, highlight=False, markup=False)

    return Screen(interactive, console(), console())


def printed(console: Console) -> str:
    """All that was printed."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def open_pipe() -> tuple[int, int]:
    """The ends to write to and to read from."""
    read, write = os.pipe()
    return write, read

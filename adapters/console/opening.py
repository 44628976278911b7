"""Loads a screen once it is needed: it is large, and `nellie run` only asks for a console."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.console.screen import Screen


def open_screen() -> "Screen":
    """Standard output and standard error."""
    from adapters.console.screen import Screen

    return Screen()

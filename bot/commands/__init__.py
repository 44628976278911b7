"""What follows a slash: one file for each family of commands, and the table in dispatch.py."""

from typing import TYPE_CHECKING, NoReturn

from bot import raise_moved

if not TYPE_CHECKING:  # which checks names by itself

    def __getattr__(name: str) -> NoReturn:
        """Say where a name has moved: `bot.commands` was a module until 0.1."""
        raise_moved(__name__, name)

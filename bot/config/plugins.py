"""Plugins: adapters, models, archives, commands, settings, transcribers: found by entry point."""

import inspect
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from bot import Moved
from bot.domain.errors import PluginError

Kind = Literal["adapter", "model", "archive", "command", "setting", "transcriber"]

FORMER_RUN = (
    "its run takes other arguments; write run(self, inbox, turns, commands), as in"
    ' bot.domain.ports.Adapter (CHANGELOG, "Moved")'
)


def names(kind: Kind) -> list[str]:
    """The names of what is installed of this kind, in alphabetical order."""
    return sorted(entry.name for entry in _entries(kind))


def module_of(kind: Kind, name: str) -> str:
    """The module that a name stands for, which is not imported; "" where there is none."""
    return next((entry.module for entry in _entries(kind) if entry.name == name), "")


def load(kind: Kind, name: str) -> Any:
    """Load what a name stands for: an Adapter class, a model's factory, an Archive class, a Typer,
    a module with VARIABLES, a transcriber's factory.

    A model's factory is called with the part of NELLIE_MODEL after the first "/" and the Settings,
    a transcriber's with the Settings. Raises PluginError.
    """
    for entry in _entries(kind):
        if entry.name == name:
            plugin = _load(kind, entry)
            if kind == "adapter" and not _has_current_run(plugin):
                raise PluginError(kind=kind, name=name, reason=FORMER_RUN)
            return plugin
    known = ", ".join(names(kind)) or "nothing"
    raise PluginError(kind=kind, name=name, reason=f"it is not installed (there is: {known})")


def _load(kind: Kind, entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Moved as error:
        raise PluginError(kind=kind, name=entry.name, reason=str(error)) from error
    except Exception as error:  # whatever a stranger's module raises while it is imported
        raise PluginError(kind=kind, name=entry.name, reason=repr(error)) from error


def _has_current_run(adapter: Any) -> bool:
    """Whether `run` can be called with an inbox, turns and commands; until 0.1 it took a door."""
    try:
        inspect.signature(adapter.run).bind("self", "inbox", "turns", "commands")
    except TypeError:
        return False
    return True


def _entries(kind: Kind) -> tuple[EntryPoint, ...]:
    return _installed(f"nellie.{kind}s", tuple(sys.path))


@cache
def _installed(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """What every distribution on this path says of itself: some hundred files, read once."""
    return tuple(entry_points(group=group))

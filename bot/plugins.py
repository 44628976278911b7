"""Adapters, models, archives and commands are found by entry point, ours as a stranger's are."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from bot.errors import PluginError

Kind = Literal["adapter", "model", "archive", "command"]


def names(kind: Kind) -> list[str]:
    """What is installed of this kind, in alphabetical order."""
    return sorted(entry.name for entry in _entries(kind))


def load(kind: Kind, name: str) -> Any:
    """The object behind a name: an Adapter class, a model's factory, an Archive, a Typer.

    A model's factory is called with the part of NELLIE_MODEL after the first "/" and the Settings.
    """
    for entry in _entries(kind):
        if entry.name == name:
            try:
                return entry.load()
            except Exception as error:
                raise PluginError(kind=kind, name=name, reason=repr(error)) from error
    known = ", ".join(names(kind)) or "nothing"
    raise PluginError(kind=kind, name=name, reason=f"it is not installed (there is: {known})")


def _entries(kind: Kind) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"nellie.{kind}s"))

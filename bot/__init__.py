"""Nellie's core: conversation, memory and delivery. It knows no platform.

Below the version: one clear line for each import path that plugins used until 0.1, and that has
moved since. It goes with the next version.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

__version__ = "0.1.0"

_MOVED = {
    "bot.archive": "bot.archives.jsonl, bot.archives.reading or bot.text.json_fields",
    "bot.conversation": "bot.domain.model",
    "bot.engine": "bot.domain.ports (Inbox, TurnControl, Commands)",
    "bot.errors": "bot.domain.errors",
    "bot.ports": "bot.domain.ports",
    "bot.settings": "bot.config.settings",
    "bot.llm.local_model": "bot.llm.local.model",
    "bot.llm.openai_chat": "bot.llm.openai.chat",
    "bot.commands.Commands": "Commands from bot.domain.ports",
    "bot.commands.EXPORTED": "EXPORT_LIMIT from bot.commands.memory",
    "bot.commands.FOUND": "SEARCH_RESULTS from bot.commands.memory",
    "bot.commands.HELP": "HELP from bot.commands.help",
    "bot.commands.LOGGED": "LOG_ENTRIES from bot.commands.memory",
    "bot.commands.PERSONA": "LONGEST_PERSONA from bot.commands.persona",
    "bot.text.boundary": "find_boundary from bot.text.graphemes",
    "bot.text.clean": "clean from bot.text.sanitize",
    "bot.text.close_fence": "close_fence from bot.text.chunking",
    "bot.text.cut": "split_first from bot.text.chunking",
    "bot.text.defuse": "defuse from bot.text.sanitize",
    "bot.text.settled": "take_stable from bot.text.sanitize",
    "bot.text.settled_fence": "stable_fence_length from bot.text.chunking",
    "bot.text.split": "split from bot.text.chunking",
}
"""By module, or by name of a module that is a package now: what to import in its place."""


class Moved(Exception):
    """A path that has moved was used; the text says what to import in its place."""

    def __init__(self, path: str) -> None:
        # No `name` is given: `from bot import ports` would swallow an ImportError that has one.
        super().__init__(f'{path} has moved: import {_MOVED[path]} (CHANGELOG, "Moved")')


class MovedImport(Moved, ModuleNotFoundError):
    """Such a path was imported."""


class MovedAttribute(Moved, AttributeError):
    """Such a name was looked up in a package that was a module."""


def raise_moved(package: str, name: str) -> NoReturn:
    """For the `__getattr__` of such a package. Raises AttributeError, for whichever name."""
    path = f"{package}.{name}"
    if path in _MOVED:
        raise MovedAttribute(path)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


class _MovedFinder:
    """Python asks it for modules that nothing else has found."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        if name in _MOVED:
            raise MovedImport(name)


sys.meta_path.append(_MovedFinder)

"""Commands of which nothing but name and help is loaded until they are called."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from bot.cli import (
    api_help_texts,
    dataset_help_texts,
    document_help_texts,
    help_texts,
    model_help_texts,
    web_help_texts,
)

MODULES = {
    "backup": help_texts.BACKUP,
    "calls": api_help_texts.CALLS,
    "dataset": dataset_help_texts.DATASET,
    "docs": document_help_texts.DOCS,
    "keys": api_help_texts.KEYS,
    "restore": help_texts.RESTORE,
    "forget": help_texts.FORGET,
    "settings": help_texts.SETTINGS,
    "turns": help_texts.TURNS,
    "web": web_help_texts.WEB,
}
"""Commands that stand in a module of bot.cli of the same name, as its `app`."""

ROOMS = {"compare": model_help_texts.COMPARE, "tune": model_help_texts.TUNE}
"""Those that stand in a folder of that name, in its module `command`."""

Load = Callable[[], typer.Typer]


class DeferredCommand(TyperCommand):
    """Stands in lists and completions; when it is called, the loaded one takes its place."""

    def __init__(self, name: str, help: str, load: Load) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self._load = load

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        return get_command(self._load()).make_context(info_name, args, parent=parent, **extra)


def own_commands() -> dict[str, DeferredCommand]:
    """Ours, by name."""
    modules = {name: (name, help) for name, help in MODULES.items()}
    rooms = {name: (f"{name}.command", help) for name, help in ROOMS.items()}
    return {
        name: DeferredCommand(name, help, _loader(module))
        for name, (module, help) in {**modules, **rooms}.items()
    }


def _loader(module: str) -> Load:
    def load() -> typer.Typer:
        app: typer.Typer = import_module(f"bot.cli.{module}").app
        return app

    return load

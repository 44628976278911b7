"""Commands that plugins add to `nellie`, and their lines in its help; none is imported for them."""

import ast
import inspect
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from bot.cli.deferred import DeferredCommand, own_commands
from bot.config import plugins
from bot.domain.errors import PluginError


class CommandsWithPlugins(TyperGroup):
    """Our own commands and those of plugins."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands.update(own_commands())

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *plugins.names("command")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; None where there is none."""
        if cmd_name in self.commands or cmd_name not in plugins.names("command"):
            return super().get_command(ctx, cmd_name)
        module = plugins.module_of("command", cmd_name)
        return DeferredCommand(cmd_name, _read_help(module), lambda: _load(cmd_name))


def _load(name: str) -> typer.Typer:
    try:
        loaded: typer.Typer = plugins.load("command", name)
    except PluginError as error:
        from bot.telemetry.logs import tell_operator  # only here: structlog is slow to load

        tell_operator(str(error))
        raise typer.Exit(1) from None
    return loaded


def _read_help(module: str) -> str:
    """The first paragraph of its docstring, read and not run: a stranger's may be large."""
    spec = _find(module)
    if not spec or not spec.origin or not spec.origin.endswith(".py"):
        return ""
    try:
        docstring = ast.get_docstring(ast.parse(Path(spec.origin).read_bytes()))
    except (OSError, SyntaxError, ValueError):
        return ""
    first = inspect.cleandoc(docstring or "").partition("\n\n")[0]
    line = first.rpartition("`: ")[2].strip()  # after the name of the command itself
    return line[:1].upper() + line[1:]


def _find(module: str) -> ModuleSpec | None:
    """Where a module is, without importing the packages above it."""
    path: Sequence[str] | None = None
    spec = None
    whole = ""
    for part in module.split("."):
        whole = f"{whole}.{part}".strip(".")
        spec = PathFinder.find_spec(whole, path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return spec

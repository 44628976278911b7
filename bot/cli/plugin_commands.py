"""Commands that plugins add to `nellie`, each loaded only where it is named or listed."""

from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from bot.config import plugins
from bot.domain.errors import PluginError
from bot.telemetry.logs import tell_operator


class CommandsWithPlugins(TyperGroup):
    """Our own commands and those of plugins."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *plugins.names("command")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; None where there is none or it does not load."""
        if cmd_name not in plugins.names("command"):
            return super().get_command(ctx, cmd_name)
        try:
            return get_command(plugins.load("command", cmd_name))
        except PluginError as error:
            tell_operator(str(error))
            return None

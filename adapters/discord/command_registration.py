"""The tree of commands: how failures are logged, and when Discord must be told of it."""

from typing import Any

import discord
import structlog
from discord import app_commands
from discord.app_commands import CommandTree

from adapters.discord.interactions import Interaction
from adapters.discord.retries import ALREADY_ACKNOWLEDGED, TRANSIENT_ERRORS

log = structlog.get_logger(__name__, platform="discord")


class LoggedCommandTree(CommandTree[Any]):
    """A command that fails, or that Discord garbled, is one line in the log."""

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if getattr(cause, "code", 0) != ALREADY_ACKNOWLEDGED:  # else another replica does it
            log.warning("command_failed", error=type(cause).__name__)

    async def _call(self, interaction: Interaction) -> None:
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # whatever a garbled event makes discord.py raise
            log.warning("command_not_understood", error=type(error).__name__)


async def register_commands(client: discord.Client, tree: CommandTree[Any]) -> None:
    """Register the commands, where Discord has other ones."""
    try:
        if not await are_registered(client, tree):
            await tree.sync()
            log.info("commands_registered", commands=len(tree.get_commands()))
    except (discord.DiscordException, *TRANSIENT_ERRORS) as error:
        log.warning("commands_not_registered", error=type(error).__name__)


async def are_registered(client: discord.Client, tree: CommandTree[Any]) -> bool:
    """Whether Discord has these commands. Raises discord.py's errors."""
    ours = [command.to_dict(tree) for command in tree.get_commands()]
    theirs = await client.http.get_global_commands(client.application_id or 0)
    return not differ(ours, [dict(command) for command in theirs])


def differ(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Whether Discord has other commands than ours."""
    named = {(command.get("type", 1), command.get("name")): command for command in theirs}
    if len(named) != len(ours):
        return True
    return any(
        not _includes(named.get((command.get("type", 1), command["name"])), command)
        for command in ours
    )


def _includes(theirs: Any, ours: Any) -> bool:
    """Whether theirs says all that ours says. Discord adds to it, and omits what is empty."""
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(
            _includes(theirs.get(key), value) for key, value in ours.items()
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        if not all(isinstance(item, dict) for item in ours):
            return sorted(map(str, theirs)) == sorted(map(str, ours))
        pairs = zip(theirs, ours, strict=False)
        return len(theirs) == len(ours) and all(_includes(*pair) for pair in pairs)
    return bool(ours == theirs or (not ours and not theirs) or str(ours) == str(theirs))

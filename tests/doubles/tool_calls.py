"""Calls of tools, made as a turn makes them."""

import json
from typing import Any

from bot.domain.model import Author, Channel, Turn
from bot.domain.toolbox import ToolContext
from bot.domain.tools import ToolCall, ToolResult
from bot.testing import ANA, GENERAL, RunningNellie, new_message
from bot.tools.builtin.toolbox import BuiltinTools
from bot.tools.registry import Registry


async def switch_on(nellie: RunningNellie, *tools: str, channel: Channel = GENERAL) -> None:
    """Somebody with rights switches tools on; without names, the usual ones."""
    await nellie.run_command(f"tools on {' '.join(tools)}", admin=True, channel=channel)


def registry_of(nellie: RunningNellie) -> Registry:
    """Its tools."""
    return nellie.parts.tools.registry


async def context_of(
    nellie: RunningNellie,
    author: Author = ANA,
    said: str = "a question",
    *,
    channel: Channel = GENERAL,
    key: str = "",
    **fields: Any,
) -> ToolContext:
    """A turn that answers this person."""
    trigger = new_message(author, said, channel=channel, addressed=True, **fields)
    turn = Turn(1, channel, trigger.lane, trigger)
    return ToolContext(turn, await nellie.channel_id(channel), key)


async def call(
    nellie: RunningNellie,
    name: str,
    arguments: dict[str, Any] | str,
    context: ToolContext | None = None,
    *,
    builtin: BuiltinTools | None = None,
) -> ToolResult:
    """What a call of this tool comes to, where it is on."""
    context = context or await context_of(nellie)
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    registry = registry_of(nellie)
    if builtin:
        registry = Registry(sources=(builtin,), switches=registry.switches)
    tool = registry.find(name)
    assert tool, f"there is no {name}"
    return await registry.run(tool, ToolCall("c1", name, written), context)

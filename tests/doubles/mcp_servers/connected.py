"""Servers that are connected, and calls of their tools."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from bot.domain.model import Turn
from bot.domain.toolbox import ToolContext
from bot.domain.tools import ToolCall, ToolResult
from bot.testing import ANA, GENERAL, new_message
from bot.tools.mcp.server import Server
from bot.tools.mcp.source import McpServers

Connect = Callable[..., Awaitable["Connected"]]


class Connected:
    """Servers, and calls of their tools."""

    def __init__(self, source: McpServers) -> None:
        self.source = source

    def __getitem__(self, name: str) -> Server:
        return next(one for one in self.source.servers if one.entry.name == name)

    @property
    def names(self) -> list[str]:
        """The tools that are offered."""
        return [tool.name for tool in self.source.offered()]

    async def call(self, name: str, *, key: str = "", **arguments: Any) -> ToolResult:
        """Call a tool by the name that models know it by."""
        tool = next(one for one in self.source.offered() if one.name == name)
        trigger = new_message(ANA, "a question", channel=GENERAL, addressed=True)
        context = ToolContext(Turn(1, GENERAL, trigger.lane, trigger), 1, key)
        return await self.source.run(tool, ToolCall("c1", name, json.dumps(arguments)), context)

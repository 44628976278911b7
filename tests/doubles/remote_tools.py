"""Tools of a server in another process (doubles.counting_server), for a Nellie that may be killed.

A replica gets them by `install`, which its sitecustomize.py calls, or from a test's own process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.domain.ports import Toolbox, ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult

PATIENCE = 3.0  # seconds for each call in a replica that has these tools
_BERTH = {"type": "object", "properties": {"berth": {"type": "string"}}, "required": ["berth"]}
LOOK_UP = Tool("look_up", "Says what is known of a berth.", _BERTH)
BOOK = Tool("book", "Books a berth.", _BERTH, changes=True)


class Agreeing:
    """Whoever is asked says yes at once."""

    async def ask(self, tool: Tool, call: ToolCall, context: ToolContext) -> bool:
        return True


@dataclass
class RemoteTools(Toolbox):
    """Both tools, in every channel."""

    url: str

    def __post_init__(self) -> None:
        self.consents = Agreeing()

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        return BOOK, LOOK_UP

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        given = {"tool": tool.name, "key": context.key, "changes": tool.changes}
        said = await post(f"{self.url}/call", **given, arguments=call.arguments)
        return ToolResult(call.id, said["text"], is_error=said["is_error"])


async def post(url: str, **body: Any) -> Any:
    """What a server answers. Raises aiohttp.ClientError."""
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.post(url, json=body) as answer,
    ):
        return await answer.json()


def install(url: str) -> None:
    """Give them to the Nellie of this process."""
    from bot.bootstrap import building
    from bot.core import answering, tool_calling
    from bot.store.stores import Stores

    def rounds(toolbox: object, stores: Stores) -> Any:
        return answering.tool_rounds(RemoteTools(url), stores)

    tool_calling.WITHIN = PATIENCE
    building.tool_rounds = rounds

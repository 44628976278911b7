"""Tools that say their arguments back, or do what a test gives them to do."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.domain.model import Prompt
from bot.domain.ports import Toolbox, ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult

Work = Callable[[Mapping[str, Any], ToolContext], Awaitable[str]]
QUERY = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
}
SEARCH = Tool("search", "Searches.", QUERY, status="searching memory")
SEND = Tool("send", "Sends a mail.", QUERY, changes=True, server="mail")


class Consenting:
    """People who agree to everything, or to nothing."""

    def __init__(self, *, agree: bool = True) -> None:
        self.agree = agree
        self.asked: list[ToolCall] = []

    async def ask(self, tool: Tool, call: ToolCall, context: ToolContext) -> bool:
        self.asked.append(call)
        return self.agree


class FakeToolbox(Toolbox):
    """What was called, and for whom, stays readable."""

    def __init__(
        self, *tools: Tool, work: Work | None = None, consents: Consenting | None = None
    ) -> None:
        self.offered = tools or (SEARCH,)
        self.consents = consents
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.contexts: list[ToolContext] = []
        self.begun = asyncio.Event()
        self._work = work

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        return self.offered

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        arguments = json.loads(call.arguments)
        self.called.append((tool.name, arguments))
        self.contexts.append(context)
        self.begun.set()
        said = await self._work(arguments, context) if self._work else f"found {arguments}"
        return ToolResult(call.id, said)


async def never(arguments: Mapping[str, Any], context: ToolContext) -> str:
    """Work that does not end."""
    await asyncio.Event().wait()
    raise AssertionError


def results(prompt: Prompt) -> list[str]:
    """What a prompt says that tools have returned."""
    return [one.text for one in prompt.messages if one.role == "tool"]

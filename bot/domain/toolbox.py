"""What a turn may call (bot.domain.ports)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.model import Turn
from bot.domain.tools import Tool, ToolCall, ToolResult


@dataclass(frozen=True, slots=True)
class ToolContext:
    """For whom a tool works."""

    turn: Turn
    """The turn that calls; its channel is the only one whose memory a tool may read."""
    channel_id: int
    """The channel as the store numbers it."""
    key: str = ""
    """The same for every attempt of one call, and of no other: an idempotency key."""
    earlier: tuple[tuple[ToolCall, ToolResult], ...] = ()
    """What this turn has called before, and what came of it."""
    hears_servers: bool = False
    """Tools of servers are offered: the model reads what those say of themselves."""
    uses_tools: bool = True
    """Somebody has switched a tool on in the channel; else nothing more is to be read of that."""


class Consents(Protocol):
    """Whether people let a tool change something."""

    async def ask(self, tool: Tool, call: ToolCall, context: ToolContext) -> bool:
        """Whether a person with the right to do so has consented to exactly this call, once."""
        ...


class Toolbox(Protocol):
    """The tools that are on in a channel.

    for tool in await toolbox.tools(context):
        ...
    result = await toolbox.run(tool, call, context)
    """

    consents: Consents | None = None
    """Whom to ask before a tool changes something; without, no such tool is called."""

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """What may be called here, in an order that stays the same; empty where nothing is on."""
        ...

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        """Make a call whose arguments are a JSON object.

        A tool that fails is a result with `is_error`, and words from which the model can go on.
        Cancelled where it takes too long, or the answer is stopped. What else it raises counts
        as a failure of the tool.
        """
        ...

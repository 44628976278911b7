"""What may be called in a channel: the tools of every source, as far as they are on there."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.domain.toolbox import Consents, ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult
from bot.store.tool_switches import Switch, ToolSwitches

USUAL = frozenset({"now", "search_memory"})
"""On in every channel that uses tools, until somebody switches them off."""
State = Literal["on", "off", "changed"]
"""A tool is changed that describes itself otherwise than when it was switched on."""


class Source(Protocol):
    """Where tools come from: what is built in, or a server."""

    def offered(self) -> Sequence[Tool]:
        """Its tools, as far as it has them now."""
        ...

    async def settled(self) -> None:
        """Wait, not for long, until it knows its tools: just after a start it may not yet."""
        ...

    def missing(self, tool: Tool) -> str:
        """What keeps a tool from being used, in words for the operator; empty where it can be."""
        ...

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        """Make a call of one of its tools (bot.domain.toolbox.Toolbox)."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A tool with its state in a channel."""

    tool: Tool
    state: State
    missing: str = ""


@dataclass(slots=True, kw_only=True)
class Registry:
    """The tools of all sources (bot.domain.toolbox.Toolbox)."""

    sources: Sequence[Source]
    switches: ToolSwitches
    consents: Consents | None = None

    def find(self, name: str) -> Tool | None:
        """The tool of a name, as people may write it too; None where there is none."""
        tools = [tool for tool, _ in self._all()]
        exact = (tool for tool in tools if tool.name == name)
        folded = (tool for tool in tools if _folded(tool.name) == _folded(name))
        return next(exact, None) or next(folded, None)

    async def known(self, channel_id: int) -> list[Known]:
        """Every tool with its state in a channel, by name."""
        switches = await self.switches.read(channel_id)
        await self._wait_for_those_on(switches or {})
        return [
            Known(tool, _state(tool, switches), source.missing(tool))
            for tool, source in self._all()
        ]

    async def is_on(self, channel_id: int, name: str) -> bool:
        """Whether a tool may be used in a channel now."""
        known = await self.known(channel_id)
        return any(one.tool.name == name and one.state == "on" and not one.missing for one in known)

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """What may be called here, in the order of names."""
        if not context.uses_tools:
            return ()
        known = await self.known(context.channel_id)
        return [one.tool for one in known if one.state == "on" and not one.missing]

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        """Make a call, if its tool is on here now."""
        switches = await self.switches.read(context.channel_id)
        source = next((source for one, source in self._all() if one.name == tool.name), None)
        if source is None or _state(tool, switches) != "on":
            return ToolResult(call.id, f"{tool.name} is not on in this channel.", is_error=True)
        return await source.run(tool, call, context)

    async def _wait_for_those_on(self, switches: Mapping[str, Switch]) -> None:
        """A turn that goes on after a restart finds the tools that it had before."""
        there = {tool.name for tool, _ in self._all()}
        if any(one.enabled and name not in there for name, one in switches.items()):
            for source in self.sources:
                await source.settled()

    def _all(self) -> list[tuple[Tool, Source]]:
        found = [(tool, source) for source in self.sources for tool in source.offered()]
        return sorted(found, key=lambda pair: pair[0].name)


def describe(tool: Tool) -> str:
    """A hash of how a tool of a server describes itself; of what is built in, nothing."""
    if not tool.server:
        return ""
    described = "\n".join((tool.server, tool.name, tool.description, tool.written))
    return hashlib.sha256(described.encode("utf-8", "replace")).hexdigest()


def _state(tool: Tool, switches: Mapping[str, Switch] | None) -> State:
    if switches is None:
        return "off"
    switch = switches.get(tool.name)
    if switch is None:
        return "on" if tool.name in USUAL and not tool.server else "off"
    if not switch.enabled:
        return "off"
    return "on" if switch.described == describe(tool) else "changed"


def _folded(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")

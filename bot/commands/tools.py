"""/tools: what a model may call in this channel, and who switches it."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.domain.tools import Tool
from bot.llm.registry import ModelRegistry
from bot.store.channels import Channels, ChannelState
from bot.store.tool_calls import CallState
from bot.store.tool_log import LoggedCall, ToolLog
from bot.store.tool_switches import ToolSwitches
from bot.text.names import plain_name
from bot.tools.describing import first_sentence
from bot.tools.registry import USUAL, Known, Registry, describe

SHOWN = 100  # characters of a description
NOT_USED = "No tools are used here. /tools on NAME switches one on, /tools on the usual ones:"
USED = "What I may use here to answer you:"
LOGGED = 20  # calls
NONE_YET = "I have used no tool here yet."
_ENDS: dict[CallState, str] = {
    "planned": "not begun",
    "waiting": "waits for a yes",
    "running": "under way",
    "refused": "not called",
    "unknown": "may or may not have happened",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCommands:
    """Lists the tools and switches them."""

    registry: Registry
    switches: ToolSwitches
    channels: Channels
    calls: ToolLog
    models: ModelRegistry

    async def list(self, request: Request) -> Reply:
        """Every tool, and whether it is on."""
        state = request.state
        known = await self.registry.known(state.id)
        head = USED if state.uses_tools else NOT_USED
        lines = [head, *(_line(one) for one in known), *_changed(known), *self._of_models(state)]
        return Reply("\n".join(lines))

    async def on(self, request: Request) -> Reply:
        """Switch tools on; without a name, those that every channel with tools has."""
        request.require_rights()
        tools = self._named(request.rest) or self._usual()
        known = await self.registry.known(request.state.id)
        missing = {one.tool.name: one.missing for one in known}
        channel_id = await self.channels.id(request.state.channel)
        await self.switches.set(
            channel_id, {tool.name: describe(tool) for tool in tools}, enabled=True
        )
        also = [] if request.state.uses_tools else self._usual()
        all_on = list({tool.name: tool for tool in (*tools, *also)}.values())
        lines = [f"I may use {_names(all_on)} here now."]
        lines += [
            f"{tool.name} cannot be used yet: {missing[tool.name]} first (your operator can)."
            for tool in tools
            if missing.get(tool.name)
        ]
        lines += [
            f"{tool.name} asks you before it does anything." for tool in tools if tool.changes
        ]
        return Reply(" ".join(lines), private=False, noted=_names(all_on))

    async def off(self, request: Request) -> Reply:
        """Switch tools off; without a name, all of them."""
        request.require_rights()
        tools = self._named(request.rest)
        if not request.state.uses_tools and not tools:
            return Reply("No tools are used here.")
        channel_id = await self.channels.id(request.state.channel)
        if not tools:
            await self.switches.use(channel_id, uses=False)
            none = "I use no tools here any more. /tools on takes that back."
            return Reply(none, private=False, noted="all")
        names = {tool.name: describe(tool) for tool in tools}
        await self.switches.set(channel_id, names, enabled=False)
        if not request.state.uses_tools:
            await self.switches.use(channel_id, uses=False)
        gone = _names(tools)
        return Reply(f"I do not use {gone} here any more.", private=False, noted=gone)

    async def log(self, request: Request) -> Reply:
        """The last calls here: who asked, what was used, when, and what came of it."""
        state = request.state
        calls = await self.calls.newest(state.id, state.channel, request.person, limit=LOGGED)
        return Reply("\n".join(_call_line(one, request) for one in calls) or NONE_YET)

    def _of_models(self, state: ChannelState) -> Iterator[str]:
        """Which of the models that answer here call no tools."""
        models = self.models.get(state.model)
        if names := models.without_tools:
            others = len(names) < len(models.members)
            where = "where it has to answer," if others else "so"
            yield f"{' and '.join(names)} calls no tools: {where} I answer without them."

    def _named(self, words: str) -> Sequence[Tool]:
        """The tools of these names. Raises CommandError for one that nobody knows."""
        tools = []
        for name in words.replace(",", " ").split():
            tool = self.registry.find(name)
            if tool is None:
                raise CommandError(reason=self._unknown(name))
            tools.append(tool)
        return tools

    def _usual(self) -> Sequence[Tool]:
        return [tool for name in sorted(USUAL) if (tool := self.registry.find(name))]

    def _unknown(self, name: str) -> str:
        names = [tool.name for source in self.registry.sources for tool in source.offered()]
        near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
        hint = f" Is it {near[0]}?" if near else " /tools lists those that there are."
        return f"There is no tool called {name[:60]}.{hint}"


def _line(known: Known) -> str:
    tool = known.tool
    state = "off" if known.state == "changed" else known.state
    notes = [f"needs: {known.missing}"] if known.missing else []
    notes += ["asks before it does anything"] if tool.changes else []
    note = f" ({'; '.join(notes)})" if notes else ""
    return f"- {tool.name}: {state}. {first_sentence(tool.description, SHOWN)}{note}"


def _changed(known: Sequence[Known]) -> Iterator[str]:
    for one in known:
        if one.state == "changed":
            name = one.tool.name
            yield f"{name} describes itself differently now: /tools on {name} allows it again."


def _names(tools: Sequence[Tool]) -> str:
    names = [tool.name for tool in tools]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _call_line(call: LoggedCall, request: Request) -> str:
    at = call.planned_at.astimezone(request.zone)
    who, end = plain_name(call.person), _ENDS.get(call.state, call.state)
    return f"{at:%Y-%m-%d %H:%M} {who}: {call.tool}, {end}{_lasted(call)}"


def _lasted(call: LoggedCall) -> str:
    """How long a call took; of what asks people first, that would be how long those took."""
    if call.ended_at is None or call.changes or call.state not in ("done", "failed"):
        return ""
    return f", {(call.ended_at - call.planned_at).total_seconds():.1f} s"

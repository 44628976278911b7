"""The calls of one round: each is stored before it starts, and what came of it after it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.core.turn_run import TurnRun
from bot.domain.errors import DatabaseUnavailable, Fenced
from bot.domain.ports import Toolbox, ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult
from bot.llm.answers.calls import read_arguments
from bot.store.tool_calls import ENDED, CallState, StoredCall, StoredRound, ToolCalls, new_call
from bot.telemetry import metrics

AT_ONCE = 4  # calls of one answer
WITHIN = 30.0  # seconds for each call
ENDING = 2.0  # seconds that a call has to end once it is cancelled
MOST_NAMED, LONGEST_NAME = 2, 80  # tools in a status line, and characters of each
UNKNOWN_TOOL = "There is no tool {name} here. There are: {names}."
NO_OBJECT = (
    "The arguments of {name} were no JSON object, so it was not called. Call it again with"
    " arguments of this shape: {schema}"
)
MISSING = "{name} was not called: its arguments lack {missing}."
TOO_LONG = "{name} gave no answer within {seconds:g} s."
FAILED = "{name} failed ({reason})."
REFUSED = "{name} changes something, and nobody has consented: it was not called."
UNSURE = (
    "{name} was called, but whether it happened is unknown ({reason}). It may or may not have"
    " happened. Do not call it again; say this to the person."
)
SAME = "{name} was called with just these arguments before in this answer: it is not repeated."

log = structlog.get_logger(__name__)
Ended = tuple[CallState, ToolResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalling:
    """Makes the calls of one turn."""

    run: TurnRun
    toolbox: Toolbox
    store: ToolCalls
    tools: Mapping[str, Tool]
    context: ToolContext
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def planned(self, calls: Sequence[ToolCall]) -> tuple[StoredCall, ...]:
        """The calls of a round, as they are stored: what only reads may start at once."""
        changes = [call.name in self.tools and self.tools[call.name].changes for call in calls]
        return tuple(
            new_call(call, changes=change, state="planned" if change else "running")
            for call, change in zip(calls, changes, strict=True)
        )

    async def make(self, planned: StoredRound, before: Sequence[StoredRound]) -> StoredRound:
        """All calls of a round that have not ended. Raises Fenced, DatabaseUnavailable."""
        open_calls = [one for one in planned.calls if one.state not in ENDED]
        doing = dict.fromkeys(
            self.tools[one.call.name].doing for one in open_calls if one.call.name in self.tools
        )
        self.run.status = self.run.calling = _name(list(doing)) or self.run.status
        making = [asyncio.create_task(self._make(one, before)) for one in planned.calls]
        try:
            return replace(planned, calls=tuple(await asyncio.gather(*making)))
        finally:  # stopped, or fenced: none goes on by itself
            for one in making:
                one.cancel()
            await asyncio.wait(making, timeout=ENDING)

    async def _make(self, one: StoredCall, before: Sequence[StoredRound]) -> StoredCall:
        if one.state in ENDED:
            return one
        async with self._places:
            state, result = await self._result(one, before)
        metrics.tool_calls.add(self._label(one.call), state)
        return await self.store.finish(self.run.lease, one, state, result)

    async def _result(self, one: StoredCall, before: Sequence[StoredRound]) -> Ended:
        call, tool = one.call, self.tools.get(one.call.name)
        if one.changes and one.state == "running":  # a crash cut it off
            return _unsure(call, "the program that called it broke off")
        wrong = self._what_is_wrong(call, tool)
        if tool is None or wrong:
            return "failed", ToolResult(call.id, wrong, is_error=True)
        call = replace(call, arguments=json.dumps(read_arguments(call.arguments)))
        earlier = [(was.call, was.result) for told in before for was in told.calls if was.result]
        context = replace(self.context, key=one.key, earlier=tuple(earlier))
        if tool.changes:
            if refused := await self._refusal(one, tool, call, context, before):
                return "refused", ToolResult(call.id, refused, is_error=True)
            self.run.require_lease()
            await self.store.start(self.run.lease, one)
        return await self._run(tool, call, context)

    def _what_is_wrong(self, call: ToolCall, tool: Tool | None) -> str:
        if tool is None:
            return UNKNOWN_TOOL.format(name=call.name, names=", ".join(self.tools))
        arguments = read_arguments(call.arguments)
        if arguments is None:
            return NO_OBJECT.format(name=call.name, schema=tool.written)
        required = tool.schema.get("required")
        listed = required if isinstance(required, list) else []
        missing = ", ".join(str(name) for name in listed if name not in arguments)
        return MISSING.format(name=call.name, missing=missing) if missing else ""

    async def _refusal(
        self,
        one: StoredCall,
        tool: Tool,
        call: ToolCall,
        context: ToolContext,
        before: Sequence[StoredRound],
    ) -> str:
        """Why a tool that changes something is not called; empty where it may be."""
        tried = {was.hash for told in before for was in told.calls if was.state in _TRIED}
        if one.hash in tried:
            return SAME.format(name=call.name)
        consents = self.toolbox.consents
        if consents and await consents.ask(tool, call, context):
            return ""
        return REFUSED.format(name=call.name)

    def _label(self, call: ToolCall) -> str:
        return metrics.of_tool(call.name) if call.name in self.tools else "unknown"

    async def _run(self, tool: Tool, call: ToolCall, context: ToolContext) -> Ended:
        self.run.require_lease()
        try:
            with metrics.tool_seconds.time(metrics.of_tool(tool.name)):
                async with asyncio.timeout(WITHIN):
                    result = await self.toolbox.run(tool, call, context)
        except (Fenced, DatabaseUnavailable):
            raise
        except TimeoutError:
            reason = TOO_LONG.format(name=call.name, seconds=WITHIN)
        except Exception as error:  # whatever a tool's library raises
            log.warning("tool_failed", tool=tool.name, error=type(error).__name__)
            reason = FAILED.format(name=call.name, reason=type(error).__name__)
        else:
            return "failed" if result.is_error else "done", replace(result, call_id=call.id)
        if tool.changes:
            return _unsure(call, reason.rstrip("."))
        return "failed", ToolResult(call.id, reason, is_error=True)


def _name(doing: Sequence[str]) -> str:
    """What a status line has room for."""
    more = f" and {len(doing) - MOST_NAMED} more" if len(doing) > MOST_NAMED else ""
    return ", ".join(one[:LONGEST_NAME] for one in doing[:MOST_NAMED]) + more


_TRIED: tuple[CallState, ...] = ("done", "unknown", "running")


def _unsure(call: ToolCall, reason: str) -> Ended:
    text = UNSURE.format(name=call.name, reason=reason)
    return "unknown", ToolResult(call.id, text, is_error=True)

"""The calls of one round: each is stored before it starts, and what came of it after it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.core.consenting.asking import ASK, MOST, OFF, RUN, TOO_MANY, Asking
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
TAKEN_BACK = "What {name} was called for was taken back: it was not called."
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
    asking: Asking
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def planned(self, calls: Sequence[ToolCall]) -> tuple[StoredCall, ...]:
        """The calls of a round, as they are stored: what only reads may start at once."""
        changes = [call.name in self.tools and self.tools[call.name].changes for call in calls]
        return tuple(
            new_call(call, changes=change, state="planned" if change else "running")
            for call, change in zip(calls, changes, strict=True)
        )

    async def make(self, planned: StoredRound, before: Sequence[StoredRound]) -> StoredRound:
        """All calls of a round that have not ended. Raises Fenced, DatabaseUnavailable.

        Those wait for which people have to be asked.
        """
        open_calls = [one for one in planned.calls if one.state not in ENDED]
        doing = dict.fromkeys(
            self.tools[one.call.name].doing for one in open_calls if one.call.name in self.tools
        )
        self.run.status = self.run.calling = _name(list(doing)) or self.run.status
        former = [was for told in before for was in told.calls]
        making = [
            asyncio.create_task(self._make(one, former, planned.calls[:number]))
            for number, one in enumerate(planned.calls)
        ]
        try:
            with self.run.trace.time("tools"):
                made = await asyncio.gather(*making)
            return replace(planned, calls=await self._asked(made, former))
        finally:  # stopped, or fenced: none goes on by itself
            for one in making:
                one.cancel()
            await asyncio.wait(making, timeout=ENDING)

    async def _asked(
        self, made: Sequence[StoredCall], former: Sequence[StoredCall]
    ) -> tuple[StoredCall, ...]:
        """The calls of a round once people are asked, for so many of them as one answer may."""
        calls = {one.id: one for one in made}
        waiting = [one for one in made if one.state not in ENDED]
        for one in await self.asking.ask(waiting[:MOST], former) if waiting else ():
            calls[one.id] = one
        for one in waiting[MOST:]:
            result = ToolResult(one.call.id, TOO_MANY.format(name=one.call.name), is_error=True)
            calls[one.id] = await self.store.finish(self.run.lease, one, "refused", result)
        return tuple(calls.values())

    async def _make(
        self, one: StoredCall, former: Sequence[StoredCall], beside: Sequence[StoredCall]
    ) -> StoredCall:
        if one.state in ENDED:
            return one
        async with self._places:
            ended = await self._result(one, former, beside)
        if ended is None:
            return one
        state, result = ended
        metrics.tool_calls.add(self._label(one.call), state)
        return await self.store.finish(self.run.lease, one, state, result)

    async def _result(
        self, one: StoredCall, former: Sequence[StoredCall], beside: Sequence[StoredCall]
    ) -> Ended | None:
        """What a call comes to; None for one that waits for people."""
        call, tool = one.call, self.tools.get(one.call.name)
        changes = one.changes or bool(tool and tool.changes)
        if changes and one.state == "running":  # a crash cut it off
            return _unsure(call, "the program that called it broke off")
        if tool is None and self.asking.is_allowed(one):
            refused = self.asking.refuse(one, OFF)
            return "refused", ToolResult(call.id, refused, is_error=True)
        wrong = self._what_is_wrong(call, tool)
        if tool is None or wrong:
            return "failed", ToolResult(call.id, wrong, is_error=True)
        call = replace(call, arguments=json.dumps(read_arguments(call.arguments)))
        earlier = tuple((was.call, was.result) for was in former if was.result)
        hears = any(known.server for known in self.tools.values())
        context = replace(self.context, key=one.key, earlier=earlier, hears_servers=hears)
        if changes:
            verdict = await self._verdict(one, tool, context, [*former, *beside])
            if verdict == ASK:
                return None
            self.run.require_lease()
            if verdict == RUN and not await self.store.start(self.run.lease, one):
                verdict = TAKEN_BACK.format(name=call.name)
            if verdict != RUN:
                return "refused", ToolResult(call.id, verdict, is_error=True)
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

    async def _verdict(
        self, one: StoredCall, tool: Tool, context: ToolContext, others: Sequence[StoredCall]
    ) -> str:
        """Whether a call that changes something is made, or asked for; else why it is not."""
        same = [was for was in others if was.hash == one.hash and was.state != "failed"]
        is_again = any(was.key == one.key for was in same)
        if same and not (is_again or self.asking.is_asked(one)):
            return SAME.format(name=one.call.name)
        if self.toolbox.consents is None:
            return self.asking.judge(one, tool)
        agreed = await self.toolbox.consents.ask(tool, one.call, context)
        return RUN if agreed else REFUSED.format(name=one.call.name)

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


def _unsure(call: ToolCall, reason: str) -> Ended:
    text = UNSURE.format(name=call.name, reason=reason)
    return "unknown", ToolResult(call.id, text, is_error=True)

"""The rounds of an answer: its model calls tools, reads what came of it, and answers at the end."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from bot.core.tool_calling import ToolCalling
from bot.core.tool_results import to_messages
from bot.core.turn_run import TurnRun
from bot.domain.errors import ContextOverflow
from bot.domain.model import Prompt
from bot.domain.ports import Toolbox, ToolContext
from bot.llm.answers.calls import read_arguments
from bot.store.tool_calls import ENDED, StoredRound, ToolCalls

MOST_ROUNDS = 8
MOST_BAD_ROUNDS = 1  # in which arguments were no JSON: the model is told once
RESULT_TOKENS = 2_000  # for each result, at most
RESULTS_SHARE = 0.5  # of what a prompt may take, for all results together
LEAST = 64  # tokens: less of a result says nothing
APART = "\n\n"
UNSURE = (
    "\n\n({tools} was cut off while it was under way: what it changes may or may not have happened."
    " Please look before you ask for it again.)"
)

Ask = Callable[[Prompt], AsyncGenerator[str]]
"""One call of the model; what it calls is in `TurnRun.calls` afterwards."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRounds:
    """Answers with tools."""

    toolbox: Toolbox
    store: ToolCalls

    async def begin(self, run: TurnRun, *, tokens: int, uses_tools: bool) -> "Rounds":
        """For one turn, in whose prompts results may take so many tokens together."""
        context = ToolContext(run.turn, run.lease.channel_id, uses_tools=uses_tools)
        tools = {tool.name: tool for tool in await self.toolbox.tools(context)}
        calling = ToolCalling(
            run=run,
            toolbox=self.toolbox,
            store=self.store,
            tools=tools,
            context=context,
        )
        is_first = run.turn.attempts == 1 and not run.has_called
        former = [] if is_first else await self.store.read(run.turn)
        return Rounds(run, calling, former, int(tokens * RESULTS_SHARE))

    async def rests_on(self, run: TurnRun) -> tuple[int, ...]:
        """The messages that the results of an earlier attempt tell of."""
        return _rests_on(await self.store.read(run.turn))


class Rounds:
    """The rounds of one turn."""

    def __init__(
        self, run: TurnRun, calling: ToolCalling, former: list[StoredRound], tokens: int
    ) -> None:
        self._run = run
        self._calling = calling
        self._former = former
        """Of an earlier attempt; they come first, and what has ended is not called again."""
        self._made: list[StoredRound] = []
        self._tokens, self._most = tokens, RESULT_TOKENS
        """For all results together, and for each."""
        self._cut_off: list[str] = []
        self.asked: Prompt | None = None
        """The last prompt that was sent."""
        if not run.has_called:  # else what they have used stands there already
            run.usage += [usage for one in former for usage in one.usage]
        self._billed = len(run.usage)

    @property
    def rests_on(self) -> tuple[int, ...]:
        """The messages that the results tell of: the answer is forgotten with them."""
        return _rests_on(self._made)

    async def pieces(self, prompt: Prompt, ask: Ask) -> AsyncGenerator[str]:
        """The answer's text, also what the model says before it calls something."""
        run = self._run
        while not run.stopped:
            if self._former:
                said, planned = self._former[0].said, self._former.pop(0)
                if said:
                    yield said
            else:
                said = ""
                async with aclosing(self._asked(prompt, ask)) as pieces:
                    async for piece in pieces:
                        said += piece
                        yield piece
                if not run.calls or run.stopped:
                    break
                planned = await self._planned(said)
            if said.strip():
                yield APART
            await self._make(planned)
        if unsure := self._unsure():
            yield UNSURE.format(tools=" and ".join(unsure))

    async def _asked(self, prompt: Prompt, ask: Ask) -> AsyncGenerator[str]:
        """One call of the model; where results made its prompt too long, with less of them."""
        while True:
            begun = False
            try:
                self.asked = self._with_rounds(prompt)
                async with aclosing(ask(self.asked)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
            except ContextOverflow:
                if begun or not self._made or self._share() <= LEAST:
                    raise
                self._most = self._share() // 2
                log.warning("results_too_long", turn=self._run.turn.id, tokens=self._most)
            else:
                return

    async def _planned(self, said: str) -> StoredRound:
        run = self._run
        run.require_lease()
        usage, self._billed = tuple(run.usage[self._billed :]), len(run.usage)
        run.has_called = True
        calls = self._calling.planned(run.calls)
        planned = StoredRound(len(self._made) + 1, said, calls, usage)
        return await self._calling.store.plan(run.lease, run.turn, planned)

    async def _make(self, planned: StoredRound) -> None:
        """Make the calls of a round; what was under way where that was stopped is noted."""
        run = self._run
        made = await run.unless_stopped(self._calling.make(planned, self._made))
        if made:
            self._made.append(made)
            run.status = "reading what they say" if len(made.calls) > 1 else "reading what it says"
            run.calling = run.status
        if run.stopped:
            self._cut_off = await self._calling.store.stop(run.lease, run.turn)

    def _unsure(self) -> list[str]:
        """The tools that may or may not have changed something: people are told, in any case."""
        calls = [made for one in self._made for made in one.calls if made.state == "unknown"]
        return list(dict.fromkeys([*(made.call.name for made in calls), *self._cut_off]))

    def _with_rounds(self, prompt: Prompt) -> Prompt:
        tools = tuple(self._calling.tools.values())
        if not tools and not self._made:
            return prompt
        share = self._share()
        messages = [message for one in self._made for message in to_messages(one, share)]
        return replace(
            prompt,
            messages=(*prompt.messages, *messages),
            tools=tools,
            tool_choice="none" if self._is_last else "auto",
            goes_on=prompt.goes_on and not self._made,
        )

    @property
    def _is_last(self) -> bool:
        """Whether the model has to answer now."""
        bad = sum(map(_is_bad, self._made))
        return len(self._made) >= MOST_ROUNDS or bad > MOST_BAD_ROUNDS or self._share() < LEAST

    def _share(self) -> int:
        """The tokens for each result."""
        results = sum(len(one.calls) for one in self._made)
        return min(self._most, self._tokens // max(1, results))


def _is_bad(one: StoredRound) -> bool:
    return any(read_arguments(made.call.arguments) is None for made in one.calls)


def _rests_on(rounds: list[StoredRound]) -> tuple[int, ...]:
    results = (made.result for one in rounds for made in one.calls if made.state in ENDED)
    return tuple(dict.fromkeys(seq for result in results if result for seq in result.rests_on))

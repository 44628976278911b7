"""The rounds of an answer: its model calls tools, reads what came of it, and answers at the end."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from bot.core.consenting.asking import Asking, may_be_asked
from bot.core.tool_calling import ToolCalling
from bot.core.tool_results import to_messages
from bot.core.turn_run import TurnRun
from bot.domain.errors import ContextOverflow, LimitReached, ModelError
from bot.domain.model import Prompt
from bot.domain.ports import Toolbox, ToolContext
from bot.domain.tools import ToolCall
from bot.llm.answers.calls import read_arguments
from bot.store.consents import Consents
from bot.store.tool_calls import ENDED, StoredCall, StoredRound, ToolCalls

MOST_ROUNDS = 8
MOST_BAD_ROUNDS = 1  # in which arguments were no JSON: the model is told once
RESULT_TOKENS = 2_000  # for each result, at most
RESULTS_SHARE = 0.5  # of what a prompt may take, for all results together
LEAST = 64  # tokens: less of a result says nothing
APART = "\n\n"
UNSURE = (
    "({tools} was cut off while it was under way: what it changes may or may not have happened."
    " Please look before you ask for it again.)"
)
DONE = "({tools} was called before this broke off: that is done.)\n\n"

Ask = Callable[[Prompt], AsyncGenerator[str]]
"""One call of the model; what it calls is in `TurnRun.calls` afterwards."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRounds:
    """Answers with tools."""

    toolbox: Toolbox
    store: ToolCalls
    consents: Consents

    async def begin(self, run: TurnRun, *, tokens: int, uses_tools: bool) -> "Rounds":
        """For one turn, in whose prompts results may take so many tokens together."""
        context = ToolContext(run.turn, run.lease.channel_id, uses_tools=uses_tools)
        tools = {tool.name: tool for tool in await self.toolbox.tools(context)}
        asking = Asking(run, self.consents, tools)
        calling = ToolCalling(
            run=run,
            toolbox=self.toolbox,
            store=self.store,
            tools=tools,
            context=context,
            asking=asking,
        )
        is_first = run.turn.attempts == 1 and not (run.has_called or run.went_on_with)
        former = [] if is_first else await self._former(run)
        if any(made.changes for one in former for made in one.calls):
            await asking.read()
        return Rounds(run, calling, former, int(tokens * RESULTS_SHARE))

    async def _former(self, run: TurnRun) -> list[StoredRound]:
        return await self.store.read([run.turn.id, *run.went_on_with])

    async def rests_on(self, run: TurnRun) -> tuple[int, ...]:
        """The messages that the results of an earlier attempt tell of."""
        return _rests_on(await self._former(run))

    async def read_questions(self, run: TurnRun) -> None:
        """What an answer asks that was written before a crash."""
        found = await self.consents.of_turns([run.turn.id])
        run.asks = bool(found)
        run.consents = tuple(one.question for one in found if one.is_open)


class Rounds:
    """The rounds of one turn."""

    def __init__(
        self, run: TurnRun, calling: ToolCalling, former: list[StoredRound], tokens: int
    ) -> None:
        self._run = run
        self._calling = calling
        self._former = former
        """Of an earlier attempt, or of the turns that this one goes on with: they come first, and
        what has ended is not called again."""
        self._made: list[StoredRound] = []
        self._tokens, self._most = tokens, RESULT_TOKENS
        """For all results together, and for each."""
        self._cut_off: list[str] = []
        self.asked: Prompt | None = None
        """The last prompt that was sent."""
        if not run.has_called:  # else what they have used stands there already
            own = [one for one in former if one.turn_id == run.turn.id]
            run.usage += [usage for one in own for usage in one.usage]
        self._billed = len(run.usage)

    @property
    def rests_on(self) -> tuple[int, ...]:
        """The messages that the results tell of: the answer is forgotten with them."""
        return _rests_on(self._made)

    async def pieces(self, prompt: Prompt, ask: Ask) -> AsyncGenerator[str]:
        """The answer's text, also what the model says before it calls something."""
        run, said = self._run, ""
        while not (run.stopped or self._waiting):
            if self._former:
                planned = self._former.pop(0)
                said = planned.said if planned.turn_id == run.turn.id else ""
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
                planned = await self._planned(said, run.calls)
            if said.strip():
                yield APART
                said = ""
            await self._make(planned)
        if ending := await self._ending(said):
            yield f"{APART if said.strip() else ''}{ending}"

    async def _ending(self, said: str) -> str:
        """What stands below the answer: what is not known of a call, and what people are asked."""
        run, unsure = self._run, self._unsure()
        asks_people = self._calling.toolbox.consents is None and may_be_asked(run.turn)
        can_ask = asks_people and not (run.stopped or self._waiting)
        repeated = [one for one in unsure if can_ask and one.call.name in self._calling.tools]
        told = [one.call.name for one in unsure if one not in repeated] + self._cut_off
        if repeated:
            await self._make(await self._again(said, repeated))
        sentences = [f"({one})" for one in self._calling.asking.told]
        if told:
            sentences.append(UNSURE.format(tools=" and ".join(dict.fromkeys(told))))
        if self._waiting and not run.stopped:
            sentences.append(self._calling.asking.in_words(self._waiting))
        return APART.join(sentences)

    @property
    def _waiting(self) -> list[StoredCall]:
        """The calls that people are asked for: with them, the answer ends."""
        calls = self._made[-1].calls if self._made else ()
        return [one for one in calls if one.state == "waiting"]

    def _unsure(self) -> list[StoredCall]:
        """The calls that may or may not have happened: people are told, in any case."""
        newest = {made.key: made for one in self._made for made in one.calls}
        return [one for one in newest.values() if one.state == "unknown"]

    async def _again(self, said: str, unsure: list[StoredCall]) -> StoredRound:
        """Plan calls once more, with the same keys: for a server that takes one, it is one call."""
        calls = [replace(one.call, id=f"{one.call.id}-again") for one in unsure]
        return await self._planned(said, calls, keys=[one.key for one in unsure])

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
                return
            except ContextOverflow:
                if begun or not self._made or self._share() <= LEAST:
                    yield self._done()
                    raise
                self._most = self._share() // 2
                log.warning("results_too_long", turn=self._run.turn.id, tokens=self._most)
            except (ModelError, LimitReached):
                yield self._done()
                raise

    def _done(self) -> str:
        """What has happened, or may have, where the answer breaks off before it says so."""
        calls = [made for one in self._made for made in one.calls]
        done = dict.fromkeys(one.call.name for one in calls if one.changes and one.state == "done")
        maybe = dict.fromkeys(one.call.name for one in self._unsure())
        told = ((DONE, done), (UNSURE + APART, maybe))
        return "".join(text.format(tools=" and ".join(names)) for text, names in told if names)

    async def _planned(
        self, said: str, calls: Sequence[ToolCall], keys: Sequence[str] = ()
    ) -> StoredRound:
        run = self._run
        run.require_lease()
        usage, self._billed = tuple(run.usage[self._billed :]), len(run.usage)
        run.has_called = True
        planned = self._calling.planned(calls)
        if keys:
            planned = tuple(replace(one, key=key) for one, key in zip(planned, keys, strict=True))
        one = StoredRound(len(self._made) + 1, said, planned, usage)
        return await self._calling.store.plan(run.lease, run.turn, one)

    async def _make(self, planned: StoredRound) -> None:
        """Make the calls of a round; what was under way where that was stopped is noted."""
        run = self._run
        made = await run.unless_stopped(self._calling.make(planned, self._made))
        if made:
            self._made.append(made)
            run.status = "reading what they say" if len(made.calls) > 1 else "reading what it says"
            run.calling = run.status
        if run.stopped:
            turns = [run.turn.id, *run.went_on_with]
            self._cut_off = await self._calling.store.stop(run.lease, turns)

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

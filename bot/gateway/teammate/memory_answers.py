"""An answer of Nellie's own, from a channel's memory or none: one call of a model, kept nowhere."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import Self

import structlog

from bot.core.gathered import Gathered
from bot.core.gathering import Gathering
from bot.core.generation import generate
from bot.core.onlooking import LANE, OnlookersGathering, PassingRun, Talk
from bot.core.quoting import Quoted
from bot.core.turn_run import TurnRun
from bot.domain.api import ApiError
from bot.domain.errors import ContextOverflow, LimitReached
from bot.domain.generation import merge
from bot.domain.model import ChatMessage, Chunk, Message, Prompt, Turn, Usage
from bot.gateway.teammate.asked import Asked
from bot.limits.call_queue import CallQueue
from bot.memory.window import Window
from bot.prompting.budget import Budget
from bot.prompting.template_marks import break_up_marks
from bot.store.channels import ChannelState
from bot.store.heartbeat import Heartbeat
from bot.store.turn_outcome import ShownWindow
from bot.store.turns import Lease, Turns
from bot.text.tokens import estimate

NAMED = 32  # tokens of a question's name, and of what stands around it

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallersGathering(OnlookersGathering):
    """Reads a channel's memory for a question from outside; the caller's own words stay whole.

    What does not fit with them is for the model's server to refuse: a program is told of that, and
    can send less. Of memory, less is shown then.
    """

    asked: Asked
    said: tuple[Message, ...] = ()
    """What was said before in the conversation, where it is remembered."""

    @classmethod
    def of(cls, other: Gathering, asked: Asked, said: Sequence[Message]) -> Self:
        """On the same parts."""
        read = OnlookersGathering.like(other, Talk())
        parts = {one.name: getattr(read, one.name) for one in fields(read)}
        return cls(**parts, asked=asked, said=tuple(said))

    async def gather(self, run: TurnRun) -> Gathered:
        """What the caller has sent, or said before, stands beside what is read."""
        channel_id = run.lease.channel_id
        gathered = (
            await OnlookersGathering.gather(self, run) if channel_id else self._without_memory(run)
        )
        return replace(gathered, turns=self._turns())

    def _without_memory(self, run: TurnRun) -> Gathered:
        window = Window(ChannelState.unseen(run.turn.channel), digest="")
        return Gathered(run.turn, window, self.models.get(None), [], [], [], Quoted())

    def _turns(self) -> tuple[ChatMessage, ...]:
        """What is remembered of a conversation stands for what the program repeats of it."""
        if not self.said:
            return (*self.asked.wishes, *self.asked.turns)
        said = [
            ChatMessage("assistant" if one.author.nellie else "user", break_up_marks(one.text))
            for one in self.said
        ]
        return (*self.asked.wishes, *said)

    async def prompt(self, gathered: Gathered) -> tuple[Prompt, ShownWindow]:
        """How to generate is the caller's to say, after the channel."""
        prompt, shown = await OnlookersGathering.prompt(self, gathered)
        return as_asked(prompt, self.asked), shown

    def _budget(self, *args: object) -> Budget:
        budget = OnlookersGathering._budget(self, *args)  # type: ignore[arg-type]  # the same
        return with_room_for(budget, self.asked)


def as_asked(prompt: Prompt, asked: Asked) -> Prompt:
    """A prompt with the pictures of a question, and generated as its caller wants."""
    *before, last = prompt.messages
    return replace(
        prompt,
        messages=(*before, replace(last, images=asked.images)),
        max_output=min(prompt.max_output, asked.max_output),
        generation=merge(prompt.generation, asked.generation),
        response_format=asked.response_format,
    )


def with_room_for(budget: Budget, asked: Asked) -> Budget:
    """No question of a caller is clipped."""
    return replace(budget, trigger=max(budget.trigger, estimate(asked.question) + NAMED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Runs turns that stand in no table."""

    turns: Turns
    heartbeat: Heartbeat
    call_queue: CallQueue
    _numbers: "count[int]" = field(default_factory=lambda: count(-1, -1))
    """None that a turn of the table has."""

    def run_of(self, channel_id: int, question: Message) -> PassingRun:
        """The turn of a question."""
        turn = Turn(next(self._numbers), question.channel, LANE, question, remembered=False)
        lease = Lease(channel_id, LANE, owner=0, epoch=0)
        return PassingRun(turn, lease, self.turns, self.heartbeat)

    async def chunks(self, run: PassingRun, gathering: CallersGathering) -> AsyncGenerator[Chunk]:
        """The answer; the last chunk has its finish and all that it cost. Raises ModelError."""
        async with AsyncExitStack() as stack:
            await self._enter(stack)
            pieces = await stack.enter_async_context(aclosing(_generated(run, gathering)))
            async for piece in pieces:
                yield Chunk(piece)
        yield Chunk(finish=run.finish or "stop", usage=self.usage(run))

    def usage(self, run: PassingRun) -> Usage | None:
        """What all calls for one answer cost, as one of the last model."""
        return _total(run.usage)

    async def _enter(self, stack: AsyncExitStack) -> None:
        try:
            await stack.enter_async_context(self.call_queue.slot())
        except LimitReached as error:
            raise ApiError(
                str(error),
                status=429,
                type="rate_limit_error",
                code="rate_limit_exceeded",
                retry_after=10,
            ) from None


async def _generated(run: PassingRun, gathering: CallersGathering) -> AsyncGenerator[str]:
    """One call of the model; a second, with less of the window, if the first was too long."""
    gathered = await gathering.gather(run)
    budgets, begun = gathering.budgets, False
    for last in (False, True):
        prompt, _ = await gathering.prompt(gathered)
        try:
            async with aclosing(generate(run, gathered.model, prompt)) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
        except ContextOverflow as error:
            refusing = str(error.details["model"])
            window = await gathered.model.window_of(refusing)
            budgets.refused(refusing, prompt.tokens, window)
            if last or begun:
                raise
        else:
            return


def _total(usage: Sequence[Usage]) -> Usage | None:
    if not usage:
        return None
    return replace(
        usage[-1],
        input=sum(one.input for one in usage),
        output=sum(one.output for one in usage),
        cached=_sum([one.cached for one in usage]),
        cache_write=_sum([one.cache_write for one in usage]),
        estimated=any(one.estimated for one in usage),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known else None

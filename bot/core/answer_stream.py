"""The text of one answer as it is written, and afterwards what is to be kept of it."""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.core.admission import Admission
from bot.core.answer import Answer
from bot.core.answer_tracing import AnswerTracing
from bot.core.apologies import apology
from bot.core.gathered import Gathered
from bot.core.gathering import Gathering
from bot.core.generation import generate
from bot.core.turn_run import TurnRun
from bot.domain.continuations import OFFER
from bot.domain.errors import CommandError, ContextOverflow, LimitReached, ModelError
from bot.domain.model import Prompt
from bot.domain.ports import Model
from bot.limits.quotas import Quotas
from bot.telemetry import metrics
from bot.text.plurals import counted
from bot.text.seams import Seam

if TYPE_CHECKING:  # loaded only where there are tools
    from bot.core.tool_rounds import Rounds, ToolRounds

# By Chunk.finish: what ends an answer before its end, though nothing went wrong.
CUT_SHORT = {
    "length": "\n\n(This is as long as one answer may be.)",
    "content_filter": "\n\n(The content filter of the model's provider ended this answer here.)",
}
NOTHING_MORE = "That was all."
STOPPED = " (stopped)"

log = structlog.get_logger(__name__)


class AnswerStream:
    """Writes one answer: iterate over `pieces`, and read `answer` at the end."""

    def __init__(
        self,
        run: TurnRun,
        gathering: Gathering,
        quotas: Quotas,
        tool_rounds: "ToolRounds | None" = None,
    ) -> None:
        self._known = Answer("")  # all of it but the text
        self._told: list[str] = []  # of files that could not be read, or not yet
        self._pieces: list[str] = []
        self._unseen = ""
        """What is told of the question's pictures, where they are not seen."""
        self._run = run
        run.trace = AnswerTracing()
        self._gathering = gathering
        self._quotas = quotas
        self._tool_rounds = tool_rounds

    @property
    def answer(self) -> Answer:
        """What is written of it by now."""
        return replace(self._known, text=self._text)

    @property
    def _text(self) -> str:
        return "".join(self._pieces)

    async def pieces(self) -> AsyncGenerator[str]:
        """The answer as it comes, free of pings, ending in words whatever happens."""
        run = self._run
        try:
            async with AsyncExitStack() as stack:
                if (gathered := await self._gathered(stack)) is not None:
                    joined = aclosing(self._joined_on(gathered))
                    async for piece in await stack.enter_async_context(joined):
                        if not self._pieces:
                            run.trace.first_text = run.age()
                            metrics.stages.observe("first_text", run.trace.first_text)
                        yield self._add(piece)
        except CommandError as error:  # there is nothing to go on with
            self._note(error=type(error).__name__, from_model=False)
            yield self._add(str(error))
        except (ModelError, LimitReached) as error:
            self._note(error=type(error).__name__, from_model=bool(self._pieces))
            run.incomplete = True
            yield self._add(apology(error, run.turn, begun=self._known.from_model))
        for words in self._ending():
            yield self._add(words)
        self._note(written_at=time.monotonic())
        if self._known.from_model:
            await self._gathering.first_come.go_on(run.came)
            await run.keep_text(self._text, self._known.shown)

    def _ending(self) -> Iterator[str]:
        """What is said below an answer of how it came to its end."""
        run, whole = self._run, not self._known.error
        for note in filter(None, (self._unseen, run.note, *self._told) if whole else ()):
            yield f"\n\n({note})"
        if run.stopped:
            yield STOPPED
        elif self._known.from_model and whole and run.finish in CUT_SHORT and not run.asks:
            run.can_go_on = run.finish == "length" and self._is_known_later()
            yield OFFER if run.can_go_on else CUT_SHORT[run.finish]

    def _is_known_later(self) -> bool:
        """Whether somebody can go on with it: it is remembered, or a private one kept a while."""
        turn = self._run.turn
        return turn.private or (turn.remembered and self._known.memorable)

    async def _gathered(self, stack: AsyncExitStack) -> Gathered | None:
        """What it is made from, in its turn and its quotas; None where it was stopped."""
        run = self._run
        gathered = await Admission(run, self._gathering, self._quotas).gathered(stack)
        if gathered is None:
            return None
        self._told = gathered.files.told
        seeing = self._gathering.seeing(run, gathered)
        with run.trace.time("pictures"):
            seen = await run.unless_stopped(stack.enter_async_context(seeing))
        if seen is not None:
            self._note(rests_on=seen.rests_on, memorable=seen.quoted.remembered)
            run.status = f"reading {counted(len(seen.window.seqs), 'message')}"
        return seen

    async def _joined_on(self, gathered: Gathered) -> AsyncGenerator[str]:
        """The model's text; of one that goes on, without what repeats the end of what was said."""
        seam = Seam(gathered.continued.text if gathered.continued else "")
        try:
            goes_on = gathered.continued or gathered.resumed
            sums_up = gathered.files.summed_up and not goes_on
            making = self._summed_up if sums_up else self._generated
            async with aclosing(making(gathered)) as pieces:
                async for piece in pieces:
                    if new := seam.feed(piece):
                        yield new
        except ModelError:
            if rest := seam.finish():
                yield rest
            raise
        if rest := seam.finish():
            yield rest
        if gathered.continued and not self._text.strip() and not self._run.stopped:
            self._note(from_model=False)
            yield NOTHING_MORE

    def _summed_up(self, gathered: Gathered) -> AsyncGenerator[str]:
        """Files in short; where none of them was read, why."""
        files, budgets = gathered.files, self._gathering.budgets
        self._note(shown=gathered.window.snapshot(()), from_model=bool(files.summed_documents))
        ask = partial(self._reserved, gathered.model)
        room = budgets.for_model(gathered.model.name).total // 2
        return self._gathering.files.sum_up(self._run, gathered.turn.trigger, files, ask, room=room)

    async def _generated(self, gathered: Gathered) -> AsyncGenerator[str]:
        """One call of the model; a second, with less of the window, if the first was too long."""
        run, budgets = self._run, self._gathering.budgets
        rounds = await self._begin_rounds(gathered)
        for last in (False, True):
            prompt, shown = await self._gathering.prompt(gathered)
            self._note(shown=shown)
            self._unseen = gathered.pictures.told(prompt)
            try:
                answer = self._asked(gathered.model, prompt, rounds)
                with self._traced(gathered, prompt, rounds):
                    async with aclosing(answer) as pieces:
                        async for piece in pieces:
                            yield piece
            except ContextOverflow as error:
                refusing = str(error.details["model"])
                log.warning("prompt_too_long", model=refusing, needed=error.details.get("needed"))
                window = await gathered.model.window_of(refusing)
                budgets.refused(refusing, _sent(prompt, rounds).tokens, window)
                if last or self._pieces:
                    raise
            else:
                for call in run.usage[-1:]:
                    budgets.answered([call.model], _sent(prompt, rounds))
                    if budgets.is_limited(call.model):
                        budgets.states(call.model, await gathered.model.window_of(call.model))
                return

    async def _begin_rounds(self, gathered: Gathered) -> "Rounds | None":
        if self._tool_rounds is None:
            return None
        budget = self._gathering.budgets.for_model(gathered.model.name)
        uses_tools = gathered.window.state.uses_tools
        return await self._tool_rounds.begin(self._run, tokens=budget.total, uses_tools=uses_tools)

    def _asked(self, model: Model, prompt: Prompt, rounds: "Rounds | None") -> AsyncGenerator[str]:
        """The answer to a prompt; with tools, in several calls of the model."""
        if rounds is None:
            return self._reserved(model, prompt)
        return rounds.pieces(prompt, partial(self._reserved, model))

    @contextmanager
    def _traced(
        self, gathered: Gathered, prompt: Prompt, rounds: "Rounds | None"
    ) -> Iterator[None]:
        """Note what was asked, and what the answer rests on, however that ends."""
        try:
            yield
        finally:
            self._trace(gathered, _sent(prompt, rounds))
            if rounds and rounds.rests_on:
                self._note(rests_on=(*gathered.rests_on, *rounds.rests_on))

    def _trace(self, gathered: Gathered, prompt: Prompt) -> None:
        if shown := self._known.shown:
            self._run.trace.note_prompt(
                prompt,
                shown,
                recalled=gathered.recalled,
                scores=gathered.scores,
                digest=gathered.window.digest or "",
                budget=self._gathering.budgets.for_model(gathered.model.name).total,
            )

    async def _reserved(self, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
        """One call of the model, once what it may use is reserved: the turn's end gives it back."""
        run, quotas = self._run, self._quotas
        held = await run.unless_stopped(
            quotas.reserve_turn(run.lease.channel_id, run.turn, model.name, prompt, spent=run.usage)
        )
        if run.stopped:
            return
        with quotas.reserving.renewing(held):
            async with aclosing(generate(run, model, prompt)) as pieces:
                async for piece in pieces:
                    yield piece

    def _add(self, piece: str) -> str:
        if piece:
            self._pieces.append(piece)
        return piece

    def _note(self, **known: object) -> None:
        self._known = replace(self._known, **known)  # type: ignore[arg-type]  # fields of Answer


def _sent(prompt: Prompt, rounds: "Rounds | None") -> Prompt:
    """What the model was asked last: with tools, more than the prompt of the first round."""
    return rounds.asked if rounds and rounds.asked else prompt

"""The text of one answer as it is written, and afterwards what is to be kept of it."""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace

import structlog

from bot.core.gathering import Gathered, Gathering
from bot.core.generation import generate
from bot.core.turn_run import TurnRun
from bot.domain.continuations import OFFER
from bot.domain.errors import CommandError, ContextOverflow, LimitReached, ModelError, NellieError
from bot.domain.model import Prompt, Turn
from bot.domain.ports import Model
from bot.limits.quotas import Quotas
from bot.store.turn_outcome import ShownWindow
from bot.telemetry import metrics
from bot.text.plurals import counted
from bot.text.sanitize import clean, defuse
from bot.text.seams import Seam

BROKE_OFF = "\n\n(This answer broke off. {reason} Ask me again for the rest.)"
# By Chunk.finish: what ends an answer before its end, though nothing went wrong.
CUT_SHORT = {
    "length": "\n\n(This is as long as one answer may be.)",
    "content_filter": "\n\n(The content filter of the model's provider ended this answer here.)",
}
NOTHING_MORE = "That was all."
FAILED = "I could not answer this. {reason}"
LIMITED = "I cannot answer this now. {reason}"
REMEMBERED = " Your message is remembered"
STOPPED = " (stopped)"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was written: by a model now, or before a crash."""

    text: str
    rests_on: tuple[int, ...] = ()
    shown: ShownWindow | None = None
    error: str = ""
    """The class of what went wrong; empty where nothing did."""
    memorable: bool = True
    """False where it was made from what is not remembered."""
    from_model: bool = True
    """False where the model gave no word of it: then there is nothing to remember."""
    written_at: float = 0.0
    """When its last word was known, by time.monotonic()."""


class AnswerStream:
    """Writes one answer: iterate over `pieces`, and read `answer` at the end."""

    def __init__(self, run: TurnRun, gathering: Gathering, quotas: Quotas) -> None:
        self._known = Answer("")  # all of it but the text
        self._pieces: list[str] = []
        self._run = run
        self._gathering = gathering
        self._quotas = quotas

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
            async with aclosing(self._admitted()) as pieces:
                async for piece in pieces:
                    if not self._pieces:
                        metrics.stages.observe("first_text", run.age())
                    yield self._add(piece)
        except CommandError as error:  # there is nothing to go on with
            self._note(error=type(error).__name__, from_model=False)
            yield self._add(str(error))
        except (ModelError, LimitReached) as error:
            self._note(error=type(error).__name__, from_model=bool(self._pieces))
            run.incomplete = True
            yield self._add(_apology(error, run.turn, begun=self._known.from_model))
        for words in self._ending():
            yield self._add(words)
        self._note(written_at=time.monotonic())
        if self._known.from_model:
            await run.keep_text(self._text, self._known.shown)

    def _ending(self) -> Iterator[str]:
        """What is said below an answer of how it came to its end."""
        run, whole = self._run, not self._known.error
        if run.note and whole:
            yield f"\n\n({run.note})"
        if run.stopped:
            yield STOPPED
        elif self._known.from_model and whole and run.finish in CUT_SHORT:
            run.can_go_on = run.finish == "length" and self._is_known_later()
            yield OFFER if run.can_go_on else CUT_SHORT[run.finish]

    def _is_known_later(self) -> bool:
        """Whether somebody can go on with it: it is remembered, or a private one kept a while."""
        turn = self._run.turn
        return turn.private or (turn.remembered and self._known.memorable)

    async def _admitted(self) -> AsyncGenerator[str]:
        """The model's text, once it is this question's turn and no quota is used up."""
        run = self._run
        async with AsyncExitStack() as stack:
            started = time.monotonic()
            slot = self._quotas.call_queue.slot(lambda ahead: _show_queue(run, ahead))
            await run.unless_stopped(stack.enter_async_context(slot))
            if run.stopped:
                return
            run.questions_ahead, run.status = None, "thinking"
            metrics.stages.observe("wait", run.turn.waited + time.monotonic() - started)
            await self._quotas.check_turn(run.lease.channel_id, run.turn)
            gathered = await self._gathering.gather(run)
            self._note(rests_on=gathered.rests_on, memorable=gathered.quoted.remembered)
            run.status = f"reading {counted(len(gathered.window.seqs), 'message')}"
            pieces = await stack.enter_async_context(aclosing(self._joined_on(gathered)))
            async for piece in pieces:
                yield piece

    async def _joined_on(self, gathered: Gathered) -> AsyncGenerator[str]:
        """The model's text; of one that goes on, without what repeats the end of what was said."""
        seam = Seam(gathered.continued.text if gathered.continued else "")
        try:
            async with aclosing(self._generated(gathered)) as pieces:
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

    async def _generated(self, gathered: Gathered) -> AsyncGenerator[str]:
        """One call of the model; a second, with less of the window, if the first was too long."""
        run, budgets = self._run, self._gathering.budgets
        for last in (False, True):
            prompt, shown = await self._gathering.prompt(gathered)
            self._note(shown=shown)
            try:
                async with aclosing(self._reserved(gathered.model, prompt)) as pieces:
                    async for piece in pieces:
                        yield piece
            except ContextOverflow as error:
                refusing = str(error.details["model"])
                log.warning("prompt_too_long", model=refusing, needed=error.details.get("needed"))
                window = await gathered.model.window_of(refusing)
                budgets.refused(refusing, prompt.tokens, window)
                if last or self._pieces:
                    raise
            else:
                for call in run.usage[-1:]:
                    budgets.answered([call.model], prompt)
                    if budgets.is_limited(call.model):
                        budgets.states(call.model, await gathered.model.window_of(call.model))
                return

    async def _reserved(self, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
        """One call of the model, once what it may use is reserved: the turn's end gives it back."""
        run, quotas = self._run, self._quotas
        held = await run.unless_stopped(
            quotas.reserve_turn(run.lease.channel_id, run.turn, model.name, prompt)
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


def _show_queue(run: TurnRun, ahead: int) -> None:
    """What a status line says while others' questions are ahead of this one."""
    run.questions_ahead = ahead
    run.status = f"waiting ({ahead:,} before you)" if ahead else "waiting (you are next)"


def _apology(error: NellieError, turn: Turn, *, begun: bool) -> str:
    """Why there is no answer, or no more of it.

    What a server says of a prompt may quote it: that goes to the asker, into no table and no log.
    """
    log.warning("not_answered", error=type(error).__name__, limit=error.details.get("limit"))
    reason = clean(str(error))
    reason = reason if reason.endswith((".", "!", "?")) else f"{reason}."
    if begun:
        return defuse(BROKE_OFF.format(reason=reason))
    if isinstance(error, LimitReached):
        kept = f"{REMEMBERED}." if turn.remembered else ""
        return defuse(LIMITED.format(reason=reason) + kept)
    return defuse(failure_text(reason, turn))


def failure_text(reason: str, turn: Turn) -> str:
    """That there is no answer; a question that is private or opted out is not remembered."""
    again = f"{REMEMBERED}; please ask me again." if turn.remembered else " Please ask me again."
    return FAILED.format(reason=reason) + again

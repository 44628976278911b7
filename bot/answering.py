"""From a turn to its answer: read the window, recall, ask the model, show what comes."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from bot import metrics
from bot.calling import called
from bot.context import TIGHTER, Budget, build_prompt, cost, system
from bot.conversation import NELLIE, Message, Prompt, Turn
from bot.errors import (
    ContextOverflow,
    DatabaseUnavailable,
    Fenced,
    LimitReached,
    ModelError,
    NellieError,
)
from bot.limits import Limits
from bot.llm.models import Models
from bot.memory.digests import Digests
from bot.memory.recall import Recall
from bot.memory.window import Window, Windows
from bot.ports import Adapter, Model
from bot.store.adding import Stored
from bot.store.messages import Messages
from bot.store.summaries import Summaries
from bot.store.turns import Outcome, Seen
from bot.text import clean, defuse
from bot.turns import Run

BROKE_OFF = "\n\n(This answer broke off. {reason} Ask me again for the rest.)"
FAILED = "I could not answer this. {reason} Your message is remembered; please ask me again."
LIMITED = "I cannot answer this now. {reason} Your message is remembered."
STOPPED = " (stopped)"
EXCHANGE = 2  # messages before the trigger that a direct conversation repeats as turns
THREAD = 12  # messages of a thread or a chain of replies, its root included

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Draft:
    """An answer while it is being written."""

    text: str = ""
    rests_on: tuple[int, ...] = ()
    error: str = ""
    seen: Seen | None = None
    silent: bool = False
    """The model gave no word of it: there is nothing to remember."""
    written: float = field(default_factory=time.monotonic)
    """When its last word was known."""


@dataclass(frozen=True, slots=True)
class Material:
    """What was read for one question."""

    conversation: list[Message]
    recalled: list[Message]


@dataclass(frozen=True, slots=True)
class Answering:
    """What a lane does with a turn."""

    windows: Windows
    messages: Messages
    summaries: Summaries
    recall: Recall
    digests: Digests
    models: Models
    adapters: Mapping[str, Adapter]
    persona: str
    limits: Limits
    shares: dict[str, float] = field(default_factory=dict)
    """By model, the share of the budget that its context window was found to take."""

    async def answer(self, run: Run) -> Outcome:
        """Answer a turn on its platform. What a model cannot do ends in an honest sentence.

        Raises what the platform raises, and Fenced.
        """
        draft = Draft()
        adapter = self.adapters[run.turn.channel.platform]
        await self._find_posted(run)
        if run.turn.trigger.author.nellie:
            return await self._digest(run, adapter)
        # First the window, then the text: what is taken back in between is noticed at the end.
        window = await self.windows.read(run.lease.channel_id) if run.turn.text else None
        finished = await run.finished()  # before a crash, or a delivery that failed
        if window and finished:
            draft.text = finished
            await self._material(run, window, draft)
            draft.seen = replace(window.seen(0), digest=True)  # it may have shown anything
            text = _again(draft.text)
        else:
            text = self._written(run, draft)
        async with aclosing(text):
            await adapter.deliver(run.turn, text, run)
        metrics.stages.observe("deliver", time.monotonic() - draft.written)
        return _outcome(run, draft)

    async def _digest(self, run: Run, adapter: Adapter) -> Outcome:
        """Post what is due by the clock. Where nobody said anything, nothing is posted."""
        text = await run.finished()
        if text is None:
            window = await self.windows.read(run.lease.channel_id)
            text = await self.digests.told(window.state, run.turn)
            if text:
                await run.finish(text, window.seen(0))
        if text:
            await adapter.deliver(run.turn, _again(text), run)
        return Outcome("done")

    async def give_up(self, run: Run, error: Exception) -> Outcome:
        """The end of a turn that fails again and again: say so, if the platform still can."""
        log.error("turn given up", turn=run.turn.id, error=type(error).__name__)
        run.incomplete = True
        sentence = _again(FAILED.format(reason="It went wrong every time I tried."))
        try:
            await self._find_posted(run)
            await self.adapters[run.turn.channel.platform].deliver(run.turn, sentence, run)
        except (Fenced, DatabaseUnavailable):
            raise
        except Exception as deaf:  # whatever a platform's library raises
            log.warning("could not say so", turn=run.turn.id, exc_info=deaf)
        return Outcome("failed", error=type(error).__name__, usage=tuple(run.usage))

    async def _find_posted(self, run: Run) -> None:
        """What an earlier attempt may have left on the platform, so that it is replaced there."""
        if run.turn.attempts > 1:
            run.allow()
            for post in await self.adapters[run.turn.channel.platform].posted(run.turn):
                await run.add(post)

    async def _written(self, run: Run, draft: Draft) -> AsyncGenerator[str]:
        """The model's answer as it comes, free of pings, ending in words whatever happens."""
        try:
            async with aclosing(self._streamed(run, draft)) as texts:
                async for text in texts:
                    if not draft.text:
                        metrics.stages.observe("first_text", run.age())
                    draft.text += text
                    yield text
        except (ModelError, LimitReached) as error:
            draft.silent = not draft.text
            run.incomplete = True
            end = _excuse(error, draft)
            draft.text += end
            yield end
        if run.stopped:
            draft.text += STOPPED
            yield STOPPED
        draft.written = time.monotonic()
        if not draft.silent:
            await run.finish(draft.text, draft.seen)

    async def _streamed(self, run: Run, draft: Draft) -> AsyncGenerator[str]:
        """The model's answer, once it is this question's turn and nothing speaks against it."""
        async with AsyncExitStack() as stack:
            asked = time.monotonic()
            place = self.limits.places.taken(lambda before: _wait(run, before))
            await run.unless_stopped(stack.enter_async_context(place))
            if run.stopped:
                return
            run.before, run.doing = None, "thinking"
            metrics.stages.observe("wait", run.turn.waited + time.monotonic() - asked)
            await self.limits.ask(run.lease.channel_id, run.turn)
            texts = await stack.enter_async_context(aclosing(self._told(run, draft)))
            async for text in texts:
                yield text

    async def _told(self, run: Run, draft: Draft) -> AsyncGenerator[str]:
        """One call of the model; a second, with less of the window, if the first was too long."""
        window = await self.windows.read(run.lease.channel_id)
        model = self.models.named(window.state.model)
        material = await self._material(run, window, draft)
        run.doing = f"reading {len(window.seqs):,} messages"
        for last in (False, True):
            prompt = await self._prompt(run.turn, window, material, self._budget(model), draft)
            try:
                async with aclosing(called(run, model, prompt)) as texts:
                    async for text in texts:
                        yield text
                return
            except ContextOverflow as error:
                log.warning("prompt too long", model=model.name, needed=error.details.get("needed"))
                await self._tighten(model, prompt)
                if last or draft.text:
                    raise

    async def _material(self, run: Run, window: Window, draft: Draft) -> Material:
        """What an answer is made from, noted as such."""
        conversation = await self._conversation(run.turn, window)
        recalled = await self._recalled(run, window)
        draft.rests_on = tuple({message.seq: None for message in (*conversation, *recalled)})
        return Material(conversation, recalled)

    async def _prompt(
        self, turn: Turn, window: Window, material: Material, budget: Budget, draft: Draft
    ) -> Prompt:
        if window.digest is None:
            window.digest = await self.summaries.digest(window.state.id)
        shown_from, transcript = window.shown(budget)
        draft.seen = window.seen(shown_from)
        alone = transcript and window.seqs[-1] == shown_from == turn.trigger.seq
        return build_prompt(
            system=system(window.state.persona or self.persona, window.digest, budget),
            transcript="" if alone else transcript,
            conversation=material.conversation,
            recalled=material.recalled,
            trigger=turn.trigger,
            window_from=shown_from,
            now=datetime.now(UTC),
            budget=budget,
            cache_key=f"nellie:{window.state.id}",
        )

    def _budget(self, model: Model) -> Budget:
        return self.windows.budget.scaled(self.shares.get(model.name, 1.0))

    async def _tighten(self, model: Model, prompt: Prompt) -> None:
        """Learn that a model takes less than this, and how much, at least once it can be asked."""
        budget = self._budget(model)
        share = TIGHTER * min(prompt.tokens, budget.total) / self.windows.budget.total
        if context := await model.context_window():
            share = min(share, self.windows.budget.share_in(context))
        self.shares[model.name] = share

    async def _recalled(self, run: Run, window: Window) -> list[Message]:
        budget = self._budget(self.models.named(window.state.model))
        if not budget.recall:
            return []
        with metrics.stages.timed("recall"):
            return await self.recall.matching(
                run.lease.channel_id,
                run.turn.trigger,
                tokens=budget.recall,
                before=window.shown(budget)[0],
            )

    async def _conversation(self, turn: Turn, window: Window) -> list[Message]:
        """What is being answered: the thread, the chain of replies, or the newest exchange."""
        trigger, channel = turn.trigger, window.state
        if trigger.thread:
            return await self.messages.thread(
                channel.channel, channel.id, trigger.thread, before=trigger.seq, limit=THREAD
            )
        if trigger.reply_to:
            return await self.messages.replied_to(
                channel.channel, channel.id, trigger.reply_to, limit=THREAD
            )
        if turn.channel.direct:
            return [said for said in window.newest if said.seq < trigger.seq][-EXCHANGE:]
        return []


def _wait(run: Run, before: int) -> None:
    """What a status line says while others' questions are before this one."""
    run.before = before
    run.doing = f"waiting ({before:,} before you)" if before else "waiting (you are next)"


def _excuse(error: NellieError, draft: Draft) -> str:
    """Why there is no answer, or no more of it.

    What a server says of a prompt may quote it, and belongs into no table and no log.
    """
    draft.error = type(error).__name__
    log.warning("not answered", error=draft.error, limit=error.details.get("limit"))
    reason = _sentence(clean(str(error)))
    if isinstance(error, LimitReached):
        return defuse(LIMITED.format(reason=reason))
    return defuse((BROKE_OFF if draft.text else FAILED).format(reason=reason))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


async def _again(text: str) -> AsyncGenerator[str]:
    yield text


def _outcome(run: Run, draft: Draft) -> Outcome:
    """What is remembered of an answer: nothing where there was none, or nothing may be."""
    turn, usage = run.turn, tuple(run.usage)
    failed = bool(draft.error)
    error = draft.error or ("Stopped" if run.stopped else "")
    if turn.private or draft.silent or not draft.text:
        return Outcome("failed" if failed else "done", None, error, usage)
    answer = Message(
        turn.channel,
        turn.posted[0] if turn.posted else f"turn:{turn.id}",
        NELLIE,
        draft.text,
        datetime.now(UTC),
        turn.trigger.thread,
        turn.trigger.id,
    )
    stored = Stored(replace(answer, tokens=cost(answer)), (turn.trigger.seq, *draft.rests_on))
    return Outcome("failed" if failed else "done", stored, error, usage, draft.seen)

"""From a turn to its answer: gather, prompt, generate, deliver, close."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bot.core.answer import Answer, to_outcome
from bot.core.answer_stream import AnswerStream
from bot.core.apologies import failure_text
from bot.core.gathering import Gathering
from bot.core.owed_posts import OwedPost, OwedPosts
from bot.core.standing_requests import StandingRequests
from bot.core.turn_run import TurnRun
from bot.domain.continuations import OFFER
from bot.domain.errors import (
    CommandError,
    DatabaseUnavailable,
    Fenced,
    NellieError,
    PrivateAnswerDropped,
)
from bot.domain.page import adapter_of
from bot.domain.ports import Adapter, Toolbox
from bot.limits.quotas import Quotas
from bot.memory.digests import Digests
from bot.store.stores import Stores
from bot.store.turn_outcome import Outcome
from bot.telemetry import metrics

if TYPE_CHECKING:  # loaded only where there are tools
    from bot.core.tool_rounds import ToolRounds

REWRITES = 5  # of a digest at most, each because something of it was taken back meanwhile

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answering:
    """What a lane does with a turn (bot.core.lanes.Answerer)."""

    gathering: Gathering
    digests: Digests
    adapters: Mapping[str, Adapter]
    quotas: Quotas
    requests: StandingRequests
    owed: OwedPosts
    tool_rounds: "ToolRounds | None" = None
    """None where there are no tools."""

    async def answer(self, run: TurnRun) -> Outcome:
        """Answer a turn on its platform. What a model cannot do ends in an honest sentence.

        Raises what the platform raises, and Fenced.
        """
        await self._find_posted(run)
        if owed := self.owed.of(run.lease.channel_id, run.turn.trigger):
            return await self._post_owed(run, owed)
        if run.turn.trigger.reply:
            return await self._reply(run)
        if run.turn.trigger.author.nellie:
            return await self._post_digest(run)
        if done := await self._as_requested(run):
            return done
        answer = await self._kept(run)
        if answer:
            await self._deliver(run, _whole(answer.text))
        else:
            stream = AnswerStream(run, self.gathering, self.quotas, self.tool_rounds)
            await self._deliver(run, stream.pieces())
            answer = stream.answer
        took = time.monotonic() - answer.written_at
        metrics.stages.observe("deliver", took)
        run.trace.add("deliver", took)
        return to_outcome(run, answer)

    async def give_up(self, run: TurnRun, error: Exception) -> Outcome:
        """End a turn that fails again and again: say so, if the platform still can."""
        log.error("turn_given_up", turn=run.turn.id, error=type(error).__name__)
        if owed := self.owed.of(run.lease.channel_id, run.turn.trigger):
            await owed.put_off()
            return Outcome("failed", error=type(error).__name__)
        if run.turn.trigger.reply:  # in its place, an apology would help nobody
            return Outcome("failed", error=type(error).__name__)
        run.incomplete = True
        sentence = failure_text("It went wrong every time I tried.", run.turn)
        try:
            await self._find_posted(run)
            await self._deliver(run, _whole(sentence))
        except (Fenced, DatabaseUnavailable):
            raise
        except Exception as failure:  # whatever a platform's library raises
            log.warning("giving_up_not_shown", turn=run.turn.id, exc_info=failure)
        return Outcome("failed", error=type(error).__name__, usage=tuple(run.usage))

    async def _kept(self, run: TurnRun) -> Answer | None:
        """The answer that was written before a crash, or before a delivery that failed."""
        if not run.turn.text:
            return None
        # First the window, then the text: what is deleted in between is noticed at the end.
        try:
            gathered = await self.gathering.gather(run)
        except CommandError:  # what it went on with is gone
            return None
        text = await run.kept_text()
        if not text:
            return None
        run.can_go_on = text.endswith(OFFER)
        if self.tool_rounds:
            await self.tool_rounds.read_questions(run)
        window = gathered.window
        shown = replace(window.snapshot(window.seqs), digest=True)  # it may have shown anything
        called = await self.tool_rounds.rests_on(run) if self.tool_rounds else ()
        return Answer(
            text,
            (*gathered.rests_on, *called),
            shown,
            memorable=gathered.quoted.remembered,
            written_at=time.monotonic(),
        )

    async def _reply(self, run: TurnRun) -> Outcome:
        """Post a fixed text: no model is asked, and nothing is remembered of it."""
        await self._deliver(run, _whole(run.turn.trigger.reply))
        return Outcome("done") if run.turn.posted else Outcome("failed", error="NotPosted")

    async def _post_owed(self, run: TurnRun, owed: OwedPost) -> Outcome:
        """Post what is owed; nothing that was taken back, or that was posted before a crash."""
        written = await owed.read()
        if written is None:
            return Outcome("done")
        run.pings = written.pings
        try:
            await self._deliver(run, _whole(written.text))
        except PrivateAnswerDropped:  # nobody can be shown it, now or later
            await owed.end()
            raise
        if not (run.turn.posted or run.turn.private):  # it may not post there
            await owed.put_off()
            return Outcome("failed", error="NotPosted")
        await owed.end()
        return Outcome("done")

    async def _as_requested(self, run: TurnRun) -> Outcome | None:
        """Do what a standing request asks for; None for every other question.

        As with a command, nothing of it is remembered.
        """
        text = self.requests.carried_out.get(run.turn.id)
        if text is None and not self.requests.may_be(run.turn):
            return None
        text = text or await run.kept_text()
        if text is None:
            window = await self.gathering.windows.read(run.lease.channel_id)
            text = await self.requests.answer(run.lease.channel_id, run.turn)
            if text is None:
                return None
            await run.keep_text(text, window.snapshot(window.seqs))
        await self._deliver(run, _whole(text))
        self.requests.carried_out.pop(run.turn.id, None)
        return Outcome("done")

    async def _post_digest(self, run: TurnRun) -> Outcome:
        """Post a scheduled digest. Where nobody said anything, nothing is posted."""
        if text := await self._standing_digest(run):
            await self._deliver(run, _whole(text))
        return Outcome("done")

    async def _standing_digest(self, run: TurnRun) -> str:
        """A digest of what still stands: what was taken back while it was written is left out."""
        for _ in range(REWRITES):
            if text := await run.kept_text():
                return text
            window = await self.gathering.windows.read(run.lease.channel_id)
            text = await self.digests.write(window.state, run.turn)
            if not text:
                return ""
            await run.keep_text(text, window.snapshot(window.seqs))
        if text := await run.kept_text():
            return text
        raise NellieError(reason="what it sums up was changed again and again")

    async def _deliver(self, run: TurnRun, pieces: AsyncGenerator[str]) -> None:
        adapter = adapter_of(run.turn, self.adapters)
        run.finds_posts = adapter.finds_posts
        async with aclosing(pieces):
            await adapter.deliver(run.turn, pieces, run)

    async def _find_posted(self, run: TurnRun) -> None:
        """What an earlier attempt may have left on the platform, so that it is replaced there."""
        if run.turn.attempts > 1:
            run.require_lease()
            for post in await adapter_of(run.turn, self.adapters).posted(run.turn):
                await run.add(post)


def tool_rounds(toolbox: Toolbox | None, stores: Stores) -> "ToolRounds | None":
    """What answers with these tools."""
    if toolbox is None:
        return None
    from bot.core.tool_rounds import ToolRounds

    return ToolRounds(toolbox=toolbox, store=stores.tool_calls, consents=stores.consents)


async def _whole(text: str) -> AsyncGenerator[str]:
    yield text

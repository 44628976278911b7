"""One lane at work: its turns are answered one after another, each tried again after faults."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import structlog

from bot.core.turn_run import TurnRun
from bot.domain.errors import DatabaseUnavailable, Fenced, NellieError, PrivateAnswerDropped
from bot.domain.model import Turn
from bot.store.heartbeat import Heartbeat
from bot.store.hits_ahead import HitsAhead
from bot.store.turn_outcome import Outcome
from bot.store.turns import Lease, Turns
from bot.telemetry import metrics

ATTEMPTS = 3  # a turn whose delivery fails this often is given up
CRASHES = 10  # and so is one that was cut off this often: it may be what kills its replicas
PATIENCE = 0.5  # seconds between attempts to reach a database that is away

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Answerer(Protocol):
    """What a lane does with each of its turns."""

    async def answer(self, run: TurnRun) -> Outcome:
        """Answer a turn on its platform. Raises what the platform raises, and Fenced."""
        ...

    async def give_up(self, run: TurnRun, error: Exception) -> Outcome:
        """End a turn that fails again and again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWorker:
    """Works on lanes whose lease this replica holds."""

    turns: Turns
    heartbeat: Heartbeat
    answerer: Answerer
    runs: dict[int, TurnRun] = field(default_factory=dict)
    """By id, the turns that are being answered here."""

    def stop(self, turn_id: int) -> bool:
        """End a running answer where it is; False when it does not run here."""
        if run := self.runs.get(turn_id):
            run.stop()
        return run is not None

    async def resume(self, lease: Lease) -> None:
        """Go on with a lane that was claimed without a message."""
        if turn := await self._patiently(lease, lambda: self.turns.resume(lease)):
            await self.work(lease, turn)

    async def work(
        self,
        lease: Lease,
        first: Turn,
        ahead: HitsAhead | None = None,
        came: float | None = None,
    ) -> None:
        """Answer this turn and those that wait behind it, one after another.

        `ahead` is what was found for the first of them when it `came`.
        """
        turn: Turn | None = first
        started = time.monotonic() if came is None else came
        while turn:
            run = TurnRun(turn, lease, self.turns, self.heartbeat, ahead=ahead, started=started)
            self.runs[run.turn.id] = run
            with structlog.contextvars.bound_contextvars(turn=run.turn.id):
                try:
                    outcome = await self._attempt(run)
                    await run.late_posts.overtaken()
                finally:
                    run.late_posts.end()
                    self.runs.pop(run.turn.id, None)
                traced = replace(outcome, trace=run.trace.ended(run.turn.waited, run.age()))
                turn = await self._close(lease, run.turn, traced)
            ahead, started = None, time.monotonic()
            metrics.turns.add(run.turn.channel.platform, outcome.state)
            metrics.stages.observe("total", run.age())

    async def _close(self, lease: Lease, turn: Turn, outcome: Outcome) -> Turn | None:
        return await self._patiently(lease, lambda: self.turns.close(lease, turn, outcome))

    async def _attempt(self, run: TurnRun) -> Outcome:
        """An answer, tried again after faults that are nobody's last word."""
        if run.turn.attempts > CRASHES:
            return await self._given_up(run, NellieError(reason="it was cut off too often"))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._patiently(run.lease, lambda: self.answerer.answer(run))
            except Fenced:
                raise
            except PrivateAnswerDropped as error:  # trying again would not find its asker either
                log.warning("private_answer_dropped", turn=run.turn.id, reason=str(error))
                return Outcome("failed", error=type(error).__name__, usage=tuple(run.usage))
            except Exception as error:  # whatever a platform's library raises
                log.warning("attempt_failed", turn=run.turn.id, attempt=attempt, exc_info=error)
                metrics.posts.add(run.turn.channel.platform, "failed")
                metrics.retries.add("delivery")
                if attempt == ATTEMPTS:
                    return await self._given_up(run, error)
            await asyncio.sleep(2**attempt / 4)
            run.turn = replace(run.turn, attempts=run.turn.attempts + 1)
        raise AssertionError("the last attempt returns")

    async def _given_up(self, run: TurnRun, error: Exception) -> Outcome:
        return await self._patiently(run.lease, lambda: self.answerer.give_up(run, error))

    async def _patiently(self, lease: Lease, step: Callable[[], Awaitable[T]]) -> T:
        """A step of the database's, repeated while it is away and the lease may still be good."""
        while True:
            try:
                return await step()
            except DatabaseUnavailable:
                metrics.retries.add("database")
                await asyncio.sleep(PATIENCE)
                if not self.heartbeat.holds(lease.owner):
                    raise Fenced(lane=lease.lane) from None

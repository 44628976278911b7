"""Lanes at work: each lane's turns run one after another, under a lease that can be lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import structlog

from bot import metrics
from bot.conversation import Channel, Chunk, Message, Turn, Usage
from bot.errors import DatabaseUnavailable, Fenced, NellieError
from bot.store.presence import NOBODY, Presence
from bot.store.turns import Accepted, Lease, Outcome, Seen, Turns

ATTEMPTS = 3  # a turn whose delivery fails this often is given up
CRASHES = 10  # and so is one that was cut off this often: it may be what kills its replicas
SWEEP = 1.0  # seconds between looks for lanes whose replica died
TAKEN = 20  # lanes taken over in one look
POLL = 0.05  # seconds between looks whether a turn is over
PATIENCE = 0.5  # seconds between attempts to reach a database that is away

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """A turn that is being worked on: what its platform and its model may still do."""

    turn: Turn
    lease: Lease
    lanes: "Lanes"
    stopped: bool = False
    doing: str = "thinking"
    incomplete: bool = False
    before: int | None = None
    """How many questions wait for the model before this one; None once it had its place."""
    usage: list[Usage] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    _reading: asyncio.Timeout | None = None

    def allow(self) -> None:
        """Raises Fenced unless the lease is certainly good: ask before every request."""
        if not self.lanes.holds(self.lease):
            raise Fenced(lane=self.lease.lane)

    async def add(self, post_id: str) -> None:
        """Keep the platform's id of what was just posted."""
        if post_id not in self.turn.posted:
            self.turn = replace(self.turn, posted=(*self.turn.posted, post_id))
            metrics.posts.add(self.turn.channel.platform, "posted")
            await self.lanes.turns.post(self.lease, self.turn, self.turn.posted)

    def age(self) -> float:
        """Seconds since the question was asked."""
        return self.turn.waited + time.monotonic() - self.begun

    async def finish(self, text: str, seen: Seen | None) -> None:
        """Keep the whole answer: from here on recovery only delivers."""
        self.turn = replace(self.turn, text=text)
        await self.lanes.turns.finish_text(self.lease, self.turn, text, seen)

    async def finished(self) -> str | None:
        """The whole answer, where an earlier attempt finished it and it still stands."""
        return await self.lanes.turns.finished_text(self.turn) if self.turn.text else None

    async def next(self, chunks: AsyncIterator[Chunk]) -> Chunk | None:
        """The next chunk of a model; None as soon as the answer is stopped."""
        return await self.unless_stopped(anext(chunks))

    async def unless_stopped(self, step: Awaitable[T]) -> T | None:
        """What is waited for; None as soon as the answer is stopped."""
        try:
            async with asyncio.timeout(None) as self._reading:
                return await step
        except TimeoutError:
            if not self.stopped:
                raise
            return None
        finally:
            self._reading = None

    def stop(self) -> None:
        """End the answer here, also in the middle of waiting for the model."""
        self.stopped = self.incomplete = True
        if self._reading:
            self._reading.reschedule(asyncio.get_running_loop().time())


Answer = Callable[[Run], Awaitable[Outcome]]
GiveUp = Callable[[Run, Exception], Awaitable[Outcome]]


class Lanes:
    """The lanes that this replica works on."""

    def __init__(
        self,
        turns: Turns,
        presence: Presence,
        *,
        answer: Answer,
        give_up: GiveUp,
        platforms: Sequence[str],
        lease: float,
    ) -> None:
        self.turns = turns
        self._platforms = platforms
        self._presence = presence
        self._answer = answer
        self._give_up = give_up
        self._beat_every = lease / 3
        self._tasks: dict[Lease, asyncio.Task[None]] = {}
        self._runs: dict[int, Run] = {}
        self._closing = False
        presence.heard = self.stop

    @property
    def alive(self) -> bool:
        """Whether this replica may hold lanes now."""
        return self._presence.alive()

    @property
    def held(self) -> int:
        """How many lanes this replica works on."""
        return len(self._tasks)

    @property
    def owner(self) -> int:
        """Who this replica is, in the lanes that it claims.

        Nobody once it closes: what it still accepts, another takes over at its next look.
        """
        return NOBODY if self._closing else self._presence.owner

    @property
    def replicas(self) -> int:
        """How many replicas share the work, this one too."""
        return self._presence.replicas

    def holds(self, lease: Lease) -> bool:
        """Whether a lease is certainly still this replica's."""
        return lease.owner == self._presence.owner and self._presence.alive()

    def start(self, accepted: Accepted, trigger: Message) -> None:
        """Work on a lane that was claimed with a message, until nothing waits in it."""
        lease, turn_id = accepted.lease, accepted.turn
        if lease and turn_id and lease not in self._tasks and not self._closing:
            turn = Turn(turn_id, trigger.channel, lease.lane, trigger, private=accepted.private)
            self._spawn(lease, self._work(lease, turn))

    def stop(self, turn_id: int) -> bool:
        """End a running answer where it is; False when it does not run here."""
        if run := self._runs.get(turn_id):
            run.stop()
        return run is not None

    def resume(self, lease: Lease) -> None:
        """Work on a lane that was claimed without a message."""
        if lease not in self._tasks and not self._closing:
            self._spawn(lease, self._resume(lease))

    def drop(self, channel: Channel, message_id: str) -> None:
        """End the running answer to a message that was taken back."""
        for run in self._runs.values():
            if (run.turn.channel, run.turn.trigger.id) == (channel, message_id):
                run.stop()

    async def watch(self) -> None:
        """Renew the leases and take over what dead replicas left, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._sweep())

    async def close(self, *, seconds: float) -> None:
        """Let running answers end, for so long; `watch` must go on meanwhile."""
        self._closing = True
        if tasks := list(self._tasks.values()):
            _done, late = await asyncio.wait(tasks, timeout=seconds)
            await self._cancel(late)

    async def leave(self) -> None:
        """Be a replica no more: what is still owed is taken over by others, at once."""
        await self._presence.leave()

    async def over(self, turn_id: int) -> None:
        """Return once a turn has ended, here or in another replica."""
        # Not an event: the turn may end in another process.
        while not await self.turns.over(turn_id):  # noqa: ASYNC110
            await asyncio.sleep(POLL)

    async def idle(self) -> None:
        """Return once this replica works on no lane."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _beat(self) -> None:
        idle: set[Lease] = set()
        while True:
            await self._presence.rest(self._beat_every)
            try:
                held = await self._presence.beat()
            except Exception as error:  # whatever it was: no lease was renewed
                log.warning("database lost", reason=str(error))
                await self._start_over()
                idle = set()
            else:
                idle = self._adopt({Lease(c, lane, self.owner, e) for c, lane, e in held}, idle)

    def _adopt(self, held: set[Lease], before: set[Lease]) -> set[Lease]:
        """Resume what is ours though nothing here works on it; returns what may be so.

        A commit whose answer was lost leaves such a lane, and so does a fault of ours. Seen twice,
        it is not one whose commit we are just being told of.
        """
        idle = set() if self._closing else held - self._tasks.keys()
        for lease in idle & before:
            metrics.retries.add("lane")
            log.warning("lane resumed", lane=lease.lane, channel=lease.channel_id)
            self._spawn(lease, self._resume(lease))
        return idle - before

    async def _start_over(self) -> None:
        """Without its line to Postgres every lease is void: come back as a new replica."""
        await self._cancel(set(self._tasks.values()))
        while True:
            try:
                await self._presence.register()
            except Exception as error:  # whatever it is: nothing goes on without
                log.debug("database still away", reason=str(error))
                await asyncio.sleep(PATIENCE)
            else:
                log.warning("database is back")
                return

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            if self._closing or not self._presence.alive():
                continue
            try:
                await self._take_over()
            except DatabaseUnavailable:
                continue  # the beat says so
            except Exception as error:  # the next look may succeed
                log.error("no look for orphans", exc_info=error)

    async def _take_over(self) -> None:
        found = await self.turns.take_over(self.owner, self._platforms, limit=TAKEN)
        for lease in found:
            metrics.retries.add("takeover")
            log.warning("lane taken over", lane=lease.lane, channel=lease.channel_id)
            self._spawn(lease, self._resume(lease))

    def _spawn(self, lease: Lease, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[lease] = task
        task.add_done_callback(lambda done: self._ended(lease, done))

    def _ended(self, lease: Lease, task: asyncio.Task[None]) -> None:
        self._tasks.pop(lease, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Fenced):
            log.warning("fenced", lane=lease.lane, channel=lease.channel_id)
        elif error:
            log.error("lane failed", lane=lease.lane, exc_info=error)

    async def _resume(self, lease: Lease) -> None:
        if turn := await self._patiently(lease, lambda: self.turns.resume(lease)):
            await self._work(lease, turn)

    async def _work(self, lease: Lease, first: Turn) -> None:
        turn: Turn | None = first
        while turn:
            run = Run(turn, lease, self)
            self._runs[run.turn.id] = run
            with structlog.contextvars.bound_contextvars(turn=run.turn.id):
                try:
                    outcome = await self._attempt(run)
                finally:
                    self._runs.pop(run.turn.id, None)
                turn = await self._close(lease, run.turn, outcome)
            metrics.turns.add(run.turn.channel.platform, outcome.state)
            metrics.stages.observe("total", run.age())

    async def _close(self, lease: Lease, turn: Turn, outcome: Outcome) -> Turn | None:
        return await self._patiently(lease, lambda: self.turns.close(lease, turn, outcome))

    async def _attempt(self, run: Run) -> Outcome:
        """An answer, tried again after faults that are nobody's last word."""
        if run.turn.attempts > CRASHES:
            return await self._given_up(run, NellieError(reason="it was cut off too often"))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._patiently(run.lease, lambda: self._answer(run))
            except Fenced:
                raise
            except Exception as error:  # whatever a platform's library raises
                log.warning("attempt failed", turn=run.turn.id, attempt=attempt, exc_info=error)
                metrics.posts.add(run.turn.channel.platform, "failed")
                metrics.retries.add("delivery")
                if attempt == ATTEMPTS:
                    return await self._given_up(run, error)
            await asyncio.sleep(2**attempt / 4)
            run.turn = replace(run.turn, attempts=run.turn.attempts + 1)
        raise AssertionError("the last attempt returns")

    async def _given_up(self, run: Run, error: Exception) -> Outcome:
        return await self._patiently(run.lease, lambda: self._give_up(run, error))

    async def _patiently(self, lease: Lease, step: Callable[[], Awaitable[T]]) -> T:
        """A step of the database's, repeated while it is away and the lease may still be good."""
        while True:
            try:
                return await step()
            except DatabaseUnavailable:
                metrics.retries.add("database")
                await asyncio.sleep(PATIENCE)
                if not self.holds(lease):
                    raise Fenced(lane=lease.lane) from None

    async def _cancel(self, tasks: set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:  # one that will not end is fenced all the same
            await asyncio.wait(tasks, timeout=self._beat_every)

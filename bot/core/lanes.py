"""The lanes of this replica: claimed, renewed, and each worked on by a task."""

import asyncio
from collections.abc import Coroutine

import structlog

from bot.core.lane_worker import PATIENCE, Answerer, LaneWorker
from bot.domain.errors import DatabaseUnavailable, Fenced
from bot.domain.model import Message, Turn
from bot.store.heartbeat import NOBODY, Heartbeat
from bot.store.turns import Accepted, Lease, Turns
from bot.telemetry import metrics

POLL = 0.05  # seconds between looks whether a turn is over

log = structlog.get_logger(__name__)


class Lanes:
    """The lanes that this replica works on."""

    def __init__(
        self,
        *,
        turns: Turns,
        heartbeat: Heartbeat,
        answerer: Answerer,
        lease: float,
    ) -> None:
        self._turns = turns
        self._heartbeat = heartbeat
        self._beat_every = lease / 3
        self._tasks: dict[Lease, asyncio.Task[None]] = {}
        self._worker = LaneWorker(turns=turns, heartbeat=heartbeat, answerer=answerer)
        self._closing = False
        heartbeat.on_stop = self.stop

    @property
    def alive(self) -> bool:
        """Whether this replica may hold lanes now."""
        return self._heartbeat.alive()

    @property
    def held(self) -> int:
        """How many lanes this replica works on."""
        return len(self._tasks)

    @property
    def owner(self) -> int:
        """Who this replica is, in the lanes that it claims.

        Nobody once it closes: what it still accepts, another takes over at its next look.
        """
        return NOBODY if self._closing else self._heartbeat.owner

    @property
    def closing(self) -> bool:
        """Whether this replica takes on nothing new any more."""
        return self._closing

    @property
    def replicas(self) -> int:
        """How many replicas share the work, this one too."""
        return self._heartbeat.replicas

    def start(self, accepted: Accepted, trigger: Message, came: float | None = None) -> None:
        """Work on a lane that was claimed with a message, until nothing waits in it.

        It `came` then, by time.monotonic(); else it comes now.
        """
        lease, turn_id = accepted.lease, accepted.turn
        if lease and turn_id and lease not in self._tasks and not self._closing:
            turn = Turn(
                turn_id, trigger.channel, lease.lane, trigger, remembered=accepted.remembered
            )
            self._spawn(lease, self._worker.work(lease, turn, accepted.hits, came))

    def is_busy(self, channel_id: int, lane: str) -> bool:
        """Whether this replica works on a lane: what is asked there waits."""
        return any(one.lane == lane and one.channel_id == channel_id for one in self._tasks)

    def stop(self, turn_id: int) -> bool:
        """End a running answer where it is; False when it does not run here."""
        return self._worker.stop(turn_id)

    def resume(self, lease: Lease) -> None:
        """Work on a lane that was claimed without a message."""
        if lease not in self._tasks and not self._closing:
            self._spawn(lease, self._worker.resume(lease))

    async def close(self, *, seconds: float) -> None:
        """Let running answers end, for so long; `renew_leases` must go on meanwhile."""
        self._closing = True
        if tasks := list(self._tasks.values()):
            _done, late = await asyncio.wait(tasks, timeout=seconds)
            await self._cancel(late)

    async def leave(self) -> None:
        """Be a replica no more: what is still owed is taken over by others, at once."""
        await self._heartbeat.leave()

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once a turn has ended, here or in another replica."""
        # Not an event: the turn may end in another process.
        while not await self._turns.has_ended(turn_id):  # noqa: ASYNC110
            await asyncio.sleep(POLL)

    async def idle(self) -> None:
        """Return once this replica works on no lane."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def renew_leases(self) -> None:
        """Renew the leases of this replica, until cancelled. Raises on a fault of ours."""
        idle: set[Lease] = set()
        while True:
            await self._heartbeat.wait_until_broken(self._beat_every)
            try:
                held = await self._heartbeat.beat()
            except DatabaseUnavailable as error:
                log.warning("database_lost", reason=str(error))
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
            log.warning("lane_resumed", lane=lease.lane, channel=lease.channel_id)
            self._spawn(lease, self._worker.resume(lease))
        return idle - before

    async def _start_over(self) -> None:
        """Without its line to Postgres every lease is void: come back as a new replica."""
        await self._cancel(set(self._tasks.values()))
        while True:
            try:
                await self._heartbeat.register()
            except DatabaseUnavailable as error:
                log.debug("database_still_away", reason=str(error))
                await asyncio.sleep(PATIENCE)
            else:
                log.warning("database_back")
                return

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
            log.error("lane_failed", lane=lease.lane, exc_info=error)

    async def _cancel(self, tasks: set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:  # one that will not end is fenced all the same
            await asyncio.wait(tasks, timeout=self._beat_every)

"""Events wait here, channel by channel and in order, also while the database is away."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from adapters.discord.garbled import is_garbled
from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import Refused

DATABASE_PAUSE = 0.5  # seconds between attempts while the database is away
GRACE = 3.0  # seconds that a step which has begun may still take when the queue is closed
CAPACITY = 10_000  # events that wait in all; what does not fit is read from history later

Step = Callable[[], Awaitable[Any]]

log = structlog.get_logger(__name__, platform="discord")


class Dropped(Exception):
    """The step was never begun: the queue was full, or closed."""


class CutOff(Exception):
    """The step was cut off on the way: what it stores may be stored, or not."""


class Backfill(Protocol):
    """Who reads history in (adapters.kit.backfill_loop.BackfillLoop)."""

    def request(self, *, thorough: bool = True) -> None:
        """Something may have been missed; `thorough` where deletions and edits may have been."""
        ...


class EventQueue:
    """A queue for each channel, which exists as long as something is in it.

    Backfill is requested when the database is back, or when there is room again.
    """

    def __init__(self, backfill: Backfill) -> None:
        self._backfill = backfill
        self._queues: dict[int, deque[tuple[Step, asyncio.Future[Any]]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._size = 0
        self._overflowed = False
        self._closing = False

    def put(self, channel_id: int, step: Step) -> asyncio.Future[Any]:
        """Queue a step, before anything is awaited. Call it first in an event's handler.

        The future has what the step returns or raises, or Dropped or CutOff.
        """
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._size >= CAPACITY or self._closing:
            self._overflowed = True
            _fail(done, Dropped())
            return done
        self._size += 1
        if channel_id in self._queues:
            self._queues[channel_id].append((step, done))
        else:
            self._queues[channel_id] = deque([(step, done)])
            worker = asyncio.create_task(self._work(channel_id))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return done

    async def wait_until_empty(self, channel_id: int) -> None:
        """Return once everything that is queued for a channel now has been done."""

        async def nothing() -> None:
            return

        await asyncio.wait({self.put(channel_id, nothing)})

    async def idle(self) -> None:
        """Return once nothing waits in any channel."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def close(self) -> None:
        """Let steps that have begun end, for a moment; drop the others: history has them."""
        self._closing = True
        if self._workers:
            await asyncio.wait(self._workers, timeout=GRACE)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self, channel_id: int) -> None:
        queue = self._queues[channel_id]
        try:
            while queue and not self._closing:
                step, done = queue.popleft()
                self._size -= 1
                await self._run(step, done)
        finally:
            self._size -= len(queue)
            del self._queues[channel_id]
            for _, done in queue:
                _fail(done, Dropped())
        if self._overflowed and not self._size and not self._closing:
            self._overflowed = False
            self._backfill.request()

    async def _run(self, step: Step, done: asyncio.Future[Any]) -> None:
        try:
            result = await retry_while_database_is_away(
                step, pause=DATABASE_PAUSE, on_recovered=self._backfill.request
            )
        except asyncio.CancelledError:
            _fail(done, CutOff())
            raise
        except Exception as error:  # whatever one event does, the next one is handled
            if is_garbled(error):
                log.warning("event_not_understood", error=type(error).__name__)
            elif not isinstance(error, Refused):
                log.error("event_failed", error=type(error).__name__)
                log.debug("event_failed", exc_info=error)
            _fail(done, error)
        else:
            if not done.cancelled():
                done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.cancelled():
        done.set_exception(error)
        done.exception()  # not everybody asks for it: asyncio must not complain about that

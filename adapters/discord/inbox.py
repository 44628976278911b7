"""What comes in, channel by channel and in order; nothing is lost while the database is away."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.errors import DatabaseUnavailable, Refused

PATIENCE = 0.5  # seconds between attempts while the database is away
GRACE = 3.0  # seconds that what is being taken in has to end when she is told to stop
MOST = 10_000  # events that wait in all; beyond that, history brings back what was said

Step = Callable[[], Awaitable[Any]]

log = structlog.get_logger(__name__)


class CutOff(Exception):
    """It was broken off on the way: it may be kept, or not."""


class Inbox:
    """A queue for each channel, worked off as long as something is in it."""

    def __init__(self, recovered: Callable[[], None]) -> None:
        self._recovered = recovered
        """Called when the database is back, or there is room again: history has the rest."""
        self._waiting: dict[int, deque[tuple[Step, asyncio.Future[Any]]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._size = 0
        self._dropped = False
        self._closing = False

    def put(self, channel: int, step: Step) -> asyncio.Future[Any]:
        """Queue a step, before anything is awaited; the future has what it returns or raises.

        It is cancelled where the step was never begun, and raises CutOff where it was not ended.
        """
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._size >= MOST or self._closing:
            self._dropped = True
            done.cancel()
            return done
        self._size += 1
        if channel in self._waiting:
            self._waiting[channel].append((step, done))
        else:
            self._waiting[channel] = deque([(step, done)])
            worker = asyncio.create_task(self._work(channel))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return done

    async def idle(self) -> None:
        """Return once nothing waits."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def close(self) -> None:
        """Let what has begun end, for a moment; drop what waits: history brings it back."""
        self._closing = True
        if self._workers:
            await asyncio.wait(self._workers, timeout=GRACE)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self, channel: int) -> None:
        queue = self._waiting[channel]
        try:
            while queue and not self._closing:
                step, done = queue.popleft()
                self._size -= 1
                await self._carry_out(step, done)
        finally:
            self._size -= len(queue)
            del self._waiting[channel]
            for _, done in queue:
                done.cancel()
        if self._dropped and not self._size and not self._closing:
            self._dropped = False
            self._recovered()

    async def _carry_out(self, step: Step, done: asyncio.Future[Any]) -> None:
        try:
            result = await self._patiently(step)
        except asyncio.CancelledError:
            if not done.cancelled():
                done.set_exception(CutOff())
                done.exception()  # not everybody asks
            raise
        except Exception as error:  # whatever one event does, the next one has its turn
            if not isinstance(error, Refused):
                log.error("an event failed", error=type(error).__name__)
                log.debug("an event failed", exc_info=error)
            if not done.cancelled():
                done.set_exception(error)
                done.exception()  # not everybody asks
        else:
            if not done.cancelled():
                done.set_result(result)

    async def _patiently(self, step: Step) -> Any:
        waited = False
        while True:
            try:
                result = await step()
            except DatabaseUnavailable:
                waited = True
                await asyncio.sleep(PATIENCE)
            else:
                if waited:
                    self._recovered()
                return result

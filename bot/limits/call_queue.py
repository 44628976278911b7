"""The queue for model calls: so many run at once, first in, first out; the others wait."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.domain.errors import LimitReached
from bot.telemetry import metrics
from bot.text.plurals import counted

NotifyAhead = Callable[[int], None]
"""Hears how many calls are ahead."""


class CallQueue:
    """Limits the model calls of one replica; each that waits hears how many are ahead of it."""

    def __init__(self, concurrency: int, *, max_waiting: int) -> None:
        self._free = concurrency
        self._max_waiting = max_waiting
        self._queue: deque[tuple[asyncio.Future[None], NotifyAhead]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    @asynccontextmanager
    async def slot(self, notify_ahead: NotifyAhead = lambda ahead: None) -> AsyncIterator[None]:
        """Hold a slot; `notify_ahead` hears how many are ahead, whenever that changes.

        Raises LimitReached when too many wait already.
        """
        await self._acquire(notify_ahead)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, notify_ahead: NotifyAhead) -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._max_waiting:
            metrics.limits.add("waiting")
            waiting = counted(self.waiting, "question")
            verb = "waits" if self.waiting == 1 else "wait"
            reason = f"{waiting} {verb} for an answer already; ask again in a few minutes."
            raise LimitReached(limit="waiting", reason=reason)
        ready = asyncio.get_running_loop().create_future()
        entry = ready, notify_ahead
        self._queue.append(entry)
        notify_ahead(self.waiting - 1)
        try:
            await ready
        except asyncio.CancelledError:
            if entry in self._queue:
                self._queue.remove(entry)
                self._notify_all()
            elif not ready.cancelled():  # the slot was given in the same moment
                self._release()
            raise

    def _release(self) -> None:
        while self._queue:
            ready, _ = self._queue.popleft()
            if not ready.done():
                ready.set_result(None)
                self._notify_all()
                return
        self._free += 1

    def _notify_all(self) -> None:
        for ahead, (_, notify_ahead) in enumerate(self._queue):
            notify_ahead(ahead)

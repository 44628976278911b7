"""Places at the model: so many calls at once, and who waits knows how many are before them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot import metrics
from bot.errors import LimitReached

Told = Callable[[int], None]


class Places:
    """First come, first served; and only so many may wait."""

    def __init__(self, places: int, *, most: int) -> None:
        self._free = places
        self._most = most
        self._queue: deque[tuple[asyncio.Future[None], Told]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    @asynccontextmanager
    async def taken(self, told: Told = lambda before: None) -> AsyncIterator[None]:
        """Hold a place; `told` hears how many are before one, whenever that changes.

        Raises LimitReached when too many wait already.
        """
        await self._take(told)
        try:
            yield
        finally:
            self._give()

    async def _take(self, told: Told) -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._most:
            metrics.limits.add("waiting")
            said = f"{self.waiting:,} questions wait for an answer already"
            raise LimitReached(limit="waiting", reason=f"{said}; ask again in a few minutes.")
        ready = asyncio.get_running_loop().create_future()
        entry = ready, told
        self._queue.append(entry)
        told(self.waiting - 1)
        try:
            await ready
        except asyncio.CancelledError:
            if entry in self._queue:
                self._queue.remove(entry)
                self._tell()
            elif not ready.cancelled():  # the place was given in the same moment
                self._give()
            raise

    def _give(self) -> None:
        while self._queue:
            ready, _ = self._queue.popleft()
            if not ready.done():
                ready.set_result(None)
                self._tell()
                return
        self._free += 1

    def _tell(self) -> None:
        for before, (_, told) in enumerate(self._queue):
            told(before)

"""Who is next where one call is made at a time: answers for people first, then as they came."""

import asyncio
import heapq
from collections.abc import AsyncGenerator
from itertools import count

SIGN_OF_LIFE = 2.0  # seconds


class CallOrder:
    """One call at a time. `take` ends when it is one's turn; then `give_back` is owed."""

    def __init__(self) -> None:
        self._taken = False
        self._numbers = count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    async def take(self, *, urgent: bool) -> AsyncGenerator[None, None]:
        """Wait for one's turn; yields now and then, as a sign of life."""
        if not self._taken:
            self._taken = True
            return
        ready = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._numbers), ready))
        try:
            while not ready.done():
                yield
                await asyncio.wait({ready}, timeout=SIGN_OF_LIFE)
        except BaseException:  # whoever waited has gone
            if ready.done():
                self.give_back()
            ready.cancel()
            raise

    def give_back(self) -> None:
        """The next one's turn."""
        while self._waiting:
            *_, ready = heapq.heappop(self._waiting)
            if not ready.done():
                ready.set_result(None)
                return
        self._taken = False

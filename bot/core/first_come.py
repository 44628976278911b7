"""First come, first served: who came before computes before, where many are asked at once.

An event loop lets all who can go on do so in turns, so that the first of twenty questions is
answered when the last is.
"""

import asyncio
import time
from heapq import heappop, heappush
from itertools import count

AHEAD = 0.1
"""Seconds by which one may be ahead of what comes now: however much waits, that is let in."""


class FirstCome:
    """Lets one go on in each round of the event loop, which looks at its sockets in between.

    Nobody holds anything: who waits for something else afterwards, fails or is cancelled stands in
    nobody's way.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._is_taken = False
        """Somebody has gone on in this round."""

    async def go_on(self, came: float) -> None:
        """Go on when those have who came before, by time.monotonic()."""
        loop = asyncio.get_running_loop()
        if not self._is_taken:
            self._is_taken = True
            loop.call_soon(self._next)
            return
        ready = loop.create_future()
        came = max(came, time.monotonic() - AHEAD)
        heappush(self._waiting, (came, next(self._numbers), ready))
        await ready

    def _next(self) -> None:
        while self._waiting:
            *_, ready = heappop(self._waiting)
            if not ready.done():  # else it was cancelled
                ready.set_result(None)
                ready.get_loop().call_soon(self._next)
                return
        self._is_taken = False

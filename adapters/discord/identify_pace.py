"""How often sessions with Discord are begun: it resets a token that begins 1,000 a day."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

BURST = 20  # sessions that may begin one after another
EVERY = 120.0  # seconds in which one more may begin, for all replicas together: 720 a day

log = structlog.get_logger(__name__, platform="discord")


class IdentifyPace:
    """Lets sessions begin, some at once and then ever so often, over all logins of a process."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.waiting = False
        """Whether one waits to begin: being without a session is meant then."""
        self._clock, self._sleep = clock, sleep
        self._left = float(BURST)
        self._refilled_at = clock()

    async def wait(self, replicas: int) -> None:
        """Return when the next session may begin; each replica takes its share."""
        every = EVERY * max(1, replicas)
        self._refill(every)
        if self._left < 1:
            log.warning("sessions_begin_too_often", seconds=round((1 - self._left) * every))
        self.waiting = True
        try:
            while self._left < 1:
                await self._sleep((1 - self._left) * every + 0.001)
                self._refill(every)
        finally:
            self.waiting = False
        self._left -= 1

    def _refill(self, every: float) -> None:
        now = self._clock()
        self._left = min(float(BURST), self._left + (now - self._refilled_at) / every)
        self._refilled_at = now

"""Wrong keys by where they came from: whoever tries many is slowed down, and nobody else."""

from collections import deque
from collections.abc import Callable

from bot.domain.bounded_cache import BoundedCache

MOST = 50  # wrong keys from one address in a minute
WITHIN = 60.0  # seconds
ADDRESSES = 10_000  # of which this is known at a time


class WrongKeys:
    """What was tried in this replica within the last minute."""

    def __init__(self, clock: Callable[[], float], *, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._tried: BoundedCache[str, deque[float]] = BoundedCache(ADDRESSES)

    def add(self, address: str) -> None:
        """A wrong key came from there."""
        times = self._tried.get(address, deque(maxlen=self._most))
        times.append(self._clock())
        self._tried[address] = times

    def wait(self, address: str) -> float:
        """Seconds until the next may be tried from there; 0 for at once."""
        times = self._tried.get(address)
        if times is None or len(times) < self._most:
            return 0.0
        return max(0.0, times[0] + WITHIN - self._clock())

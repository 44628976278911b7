"""How often messages are edited: answers in one channel share one pace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.domain.bounded_cache import BoundedCache

PERIOD = 1.2  # seconds between two edits in a channel
SLOWEST = 10.0
SLUGGISH = 1.0  # an edit that takes so long has waited for Discord's limits
CHANNELS = 10_000  # channels whose pace is kept


class Replicas(Protocol):
    """Who knows how many replicas share the work (bot.domain.ports.TurnControl)."""

    @property
    def replicas(self) -> int:
        """Each of them may be editing in a channel, at a pace of its own."""
        ...


class Pace:
    """The edits of one channel, whichever answer they belong to."""

    def __init__(self, turns: Replicas, period: float = PERIOD) -> None:
        self.period = period
        self._shortest = period
        self._turns = turns
        self._next = 0.0
        self._order = asyncio.Lock()

    async def edit(self, edit: Callable[[], Awaitable[None]]) -> None:
        """Run an edit when it is due. It must choose what it shows then, not before."""
        loop = asyncio.get_running_loop()
        async with self._order:
            await asyncio.sleep(max(0.0, self._next - loop.time()))
            started = loop.time()
            self._next = started + self.period * self._turns.replicas
            try:
                await edit()
            finally:
                self._adapt(loop.time() - started)

    def _adapt(self, duration: float) -> None:
        period = self.period * 2 if duration > SLUGGISH else self.period * 0.8
        self.period = min(SLOWEST, max(self._shortest, period))


class Paces:
    """The pace of each channel."""

    def __init__(self, turns: Replicas) -> None:
        self._turns = turns
        self._paces: BoundedCache[int, Pace] = BoundedCache(CHANNELS)

    def of(self, channel_id: int) -> Pace:
        """The pace that all answers in a channel share."""
        pace = self._paces.get(channel_id) or Pace(self._turns)
        self._paces[channel_id] = pace  # the newest entry again
        return pace

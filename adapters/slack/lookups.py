"""Lookups by id: the newest results, each fetched once at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import structlog

from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import NellieError

CACHED = 10_000  # people, and as many conversations
LONGEST_ID = 100  # characters; Slack's have eleven
AT_ONCE = 8  # requests for people, and as many for conversations
FRESH = 3600.0  # seconds until a name is looked up again
FRESH_UNKNOWN = 60.0  # the same, for one that was not found

T = TypeVar("T")
log = structlog.get_logger(__name__, platform="slack")


def may_be_id(text: str) -> bool:
    """Whether Slack may have such an id: what else a garbled event names makes no address."""
    return text.isascii() and len(text) <= LONGEST_ID


class Lookups(Generic[T]):
    """The newest results of a lookup by id; each is fetched once at a time."""

    def __init__(self, fetch: Callable[[str], Awaitable[T | None]]) -> None:
        self._fetch = fetch
        self._results: BoundedCache[str, tuple[float, T | None]] = BoundedCache(CACHED)
        """By id: until when a result is fresh, and the result."""
        self._running: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    def get(self, id_: str) -> T | None:
        return self._results.get(id_, (0.0, None))[1]

    def put(self, id_: str, value: T | None) -> None:
        self._results[id_] = (time.monotonic() + (FRESH if value else FRESH_UNKNOWN), value)

    def forget(self, id_: str) -> None:
        self._results.pop(id_, None)

    async def fetch(
        self, ids: Iterable[str], seconds: float | None, *, old_will_do: bool = False
    ) -> None:
        """Fetch what is not fresh, waiting at most so long; what comes later is kept as well.

        `old_will_do`: nobody waits for what is known, though it is no longer fresh.
        """
        missing = [id_ for id_ in ids if may_be_id(id_) and not self._is_fresh(id_)]
        for id_ in missing:
            if id_ not in self._running:
                self._running[id_] = asyncio.create_task(self._fetch_one(id_))
        awaited = [id_ for id_ in missing if not (old_will_do and self.get(id_) is not None)]
        if tasks := [self._running[id_] for id_ in awaited if id_ in self._running]:
            await asyncio.wait(tasks, timeout=seconds)

    def _is_fresh(self, id_: str) -> bool:
        return self._results.get(id_, (0.0, None))[0] > time.monotonic()

    async def _fetch_one(self, id_: str) -> None:
        try:
            async with self._slots:
                self.put(id_, await self._fetch(id_))
        except (NellieError, ValueError) as error:
            log.debug("lookup_failed", id=id_, reason=str(error))
            if id_ not in self._results:
                self.put(id_, None)
        finally:
            self._running.pop(id_, None)

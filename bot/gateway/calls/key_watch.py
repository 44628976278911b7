"""Calls that are under way end with their key: revoked, expired, or of a person who has left."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from weakref import WeakKeyDictionary

import structlog

from bot.domain.api import ApiError, Caller
from bot.gateway.calls.runs import Listener

PAUSE = 3.0  # seconds between two looks; keys are looked at only while there are calls

log = structlog.get_logger(__name__)


class KeyWatch:
    """Everybody who waits for an answer in this replica."""

    def __init__(self, good: Callable[[Collection[int]], Awaitable[Collection[int]]]) -> None:
        """`good` says which of these keys can still be used."""
        self._good = good
        self._waiting = WeakKeyDictionary[Listener, int]()
        self._task: asyncio.Task[None] | None = None

    def add(self, caller: Caller, listener: Listener) -> None:
        """Somebody waits from now on."""
        self._waiting[listener] = caller.key_id
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Look no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while self._forget_done():
            await asyncio.sleep(PAUSE)
            if waiting := self._forget_done():
                await self._look(waiting)

    def _forget_done(self) -> dict[Listener, int]:
        for listener in list(self._waiting):
            if listener.is_done:
                del self._waiting[listener]
        return dict(self._waiting)

    async def _look(self, waiting: dict[Listener, int]) -> None:
        try:
            good = await self._good(set(waiting.values()))
        except Exception as error:  # whatever keeps it from knowing: the next look may know
            log.warning("keys_not_looked_at", error=type(error).__name__)
            return
        for listener, key in waiting.items():
            if key not in good:
                listener.end(_ended())


def _ended() -> ApiError:
    return ApiError(
        "This API key was revoked, or has expired, while the answer was under way.",
        status=401,
        code="invalid_api_key",
    )

"""What the vectors of questions cost, kept beside the answers: nobody waits for it."""

import asyncio
from contextlib import suppress

import structlog

from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Usage
from bot.store.usage import UsageLog

AGAIN = 1.0  # seconds until what a database that is away did not take is tried again
ENDING = 5.0  # seconds that whoever closes waits at most

log = structlog.get_logger(__name__)


class LateUsage:
    """Keeps usage a moment later, one channel's at a time; none of it is lost in silence.

    Where the answer to a commit is lost, it is kept twice: better than not at all.
    """

    def __init__(self, usage: UsageLog) -> None:
        self._usage = usage
        self._waiting: dict[int, list[Usage]] = {}
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, channel_id: int, usage: Usage) -> None:
        """It was used in a channel."""
        self._waiting.setdefault(channel_id, []).append(usage)
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Keep what is left: where the database is away, it is tried once more."""
        self._closing.set()
        if self._task:
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await self._task  # which is cancelled with this

    async def _work(self) -> None:
        try:
            while self._waiting:
                channel_id = next(iter(self._waiting))
                await self._keep(channel_id, self._waiting.pop(channel_id))
        except asyncio.CancelledError as error:
            while self._waiting:
                self._lost(*self._waiting.popitem(), error)
            raise
        finally:
            self._task = None

    async def _keep(self, channel_id: int, usage: list[Usage]) -> None:
        closing = self._closing.is_set()
        try:
            await self._usage.add(channel_id, usage, "embedding")
        except DatabaseUnavailable as error:
            if closing:
                self._lost(channel_id, usage, error)
                return
            self._put_back(channel_id, usage)
            try:
                async with asyncio.timeout(AGAIN):
                    await self._closing.wait()
            except TimeoutError:
                return
        except asyncio.CancelledError:
            self._put_back(channel_id, usage)
            raise
        except Exception as error:  # one channel's trouble is not every channel's
            self._lost(channel_id, usage, error)

    def _put_back(self, channel_id: int, usage: list[Usage]) -> None:
        self._waiting[channel_id] = usage + self._waiting.get(channel_id, [])

    def _lost(self, channel_id: int, usage: list[Usage], error: BaseException) -> None:
        tokens = sum(one.input for one in usage)
        log.error("usage_not_kept", channel=channel_id, tokens=tokens, exc_info=error)

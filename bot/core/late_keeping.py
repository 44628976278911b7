"""What is kept a moment later, where nothing that is kept sooner takes it along."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.domain.errors import DatabaseUnavailable, Fenced

WITHIN = 0.1  # seconds

log = structlog.get_logger(__name__)


class LateKeeping:
    """One thing that may be kept late, always as it is by then."""

    def __init__(self, keep: Callable[[], Awaitable[None]]) -> None:
        self.fenced = False
        """It was refused: the lane is another replica's."""
        self._keep = keep
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """Keep it within a moment."""
        if not (self._timer or self._ended):
            self._timer = asyncio.get_running_loop().call_later(WITHIN, self._begin)

    async def overtaken(self) -> None:
        """Something else takes it along; return once nothing older can come behind that."""
        self._cancel()
        if self._task:
            await asyncio.wait([self._task])

    def end(self) -> None:
        """Nobody needs it any more."""
        self._ended = True
        self._cancel()

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        if self._task:  # what is kept now may be older
            self.soon()
        else:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            await self._keep()
        except Fenced:
            self.fenced = True
        except DatabaseUnavailable:
            self.soon()
        except Exception as error:  # what keeps the next takes it along, or meets the same
            log.error("not_kept_yet", exc_info=error)
        finally:
            self._task = None

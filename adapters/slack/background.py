"""Work that nobody waits for: kept from being forgotten, its faults said in one line."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.errors import NellieError

log = structlog.get_logger(__name__)


class Background:
    """Tasks that end by themselves."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        """Begin some work."""
        task = asyncio.create_task(self._quietly(work, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self, seconds: float) -> None:
        """Let the work end, for so long, then end it."""
        if tasks := set(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _quietly(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        try:
            await work
        except NellieError as error:
            log.warning("slack: side work failed", what=what, reason=str(error))
        except Exception as error:  # one piece of side work must not end the others
            log.error("slack: side work failed", what=what, exc_info=error)

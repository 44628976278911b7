"""Work that nobody waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.domain.errors import NellieError


class BackgroundTasks:
    """Tasks that end by themselves. Each is kept until its end, and its failure is logged."""

    def __init__(self, platform: str) -> None:
        self._log = structlog.get_logger(__name__, platform=platform)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Begin some work; `name` is what the log calls it."""
        task = asyncio.create_task(self._run(work, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, *, seconds: float) -> None:
        """Wait so long for the tasks to end, then cancel those that still run."""
        if tasks := set(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, work: Coroutine[Any, Any, object], name: str) -> None:
        try:
            await work
        except NellieError as error:
            self._log.warning("background_task_failed", task=name, reason=str(error))
        except Exception as error:  # one task that fails must not end the others
            self._log.error("background_task_failed", task=name, exc_info=error)

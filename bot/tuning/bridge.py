"""Lets a thread call what runs in a loop, until it is told to stop."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Somebody has broken it off."""


@dataclass(slots=True)
class Bridge:
    """For one thread, which makes one call at a time."""

    loop: asyncio.AbstractEventLoop
    _stopped: bool = False
    _running: "Future[Any] | None" = field(default=None)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """In the thread: what the work comes to, or raises. Raises Stopped."""
        if self._stopped:
            work.close()
            raise Stopped
        future = self._running = asyncio.run_coroutine_threadsafe(work, self.loop)
        if self._stopped:
            future.cancel()
        try:
            done: T = future.result()
        except CancelledError:
            raise Stopped from None
        return done

    def stop(self) -> None:
        """In the loop: break off what runs, and let nothing more begin."""
        self._stopped = True
        if self._running:
            self._running.cancel()

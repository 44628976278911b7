"""What `nellie doctor` finds, for the page: asked at most twice a minute, however many look."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from bot.doctor.examination import examine
from bot.domain.findings import Finding
from bot.domain.page import Examined, Visitor
from bot.page.signing import require_admin

FRESH = 30.0  # seconds: models and platforms are asked for it

Examine = Callable[[], AsyncIterator[Finding]]


class Examining:
    """The last examination, and the one under way."""

    def __init__(
        self, look: Examine = examine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._until = 0.0
        self._under_way: asyncio.Task[Examined] | None = None

    async def examine(self, visitor: Visitor) -> Examined:
        """Every finding. Raises NotThere for who is no admin."""
        require_admin(visitor)
        if self._under_way is None or (self._under_way.done() and self._clock() >= self._until):
            self._under_way = asyncio.create_task(self._run())
        return await asyncio.shield(self._under_way)

    async def close(self) -> None:
        """Break off what is under way."""
        if self._under_way:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _run(self) -> Examined:
        findings = [one async for one in self._look()]
        self._until = self._clock() + FRESH
        return Examined(findings, datetime.now(UTC))

"""What `nellie doctor` finds, for the page: asked at most twice a minute, however many look."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot.doctor.examination import examine
from bot.domain.findings import Finding
from bot.domain.page import Examined, Visitor
from bot.page.signing import require_admin

FRESH = 30.0  # seconds: models and platforms are asked for it
PATIENCE = 0.1  # seconds that a page waits for it; what is found later is in the next look

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
        self._so_far = Examined((), datetime.now(UTC), under_way=True)
        """What was found last; of the first examination, what it has found until now."""

    async def examine(self, visitor: Visitor) -> Examined:
        """Every finding, or those that are known soon. Raises NotThere for who is no admin."""
        require_admin(visitor)
        if self._under_way is None or (self._under_way.done() and self._clock() >= self._until):
            self._under_way = asyncio.create_task(self._run())
        done, _ = await asyncio.wait([self._under_way], timeout=PATIENCE)
        return self._under_way.result() if done else self._so_far

    async def close(self) -> None:
        """Break off what is under way."""
        if self._under_way:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _run(self) -> Examined:
        is_first = not self._so_far.findings
        findings: list[Finding] = []
        async for one in self._look():
            findings.append(one)
            if is_first:
                self._so_far = Examined([*findings], datetime.now(UTC), under_way=True)
        self._until = self._clock() + FRESH
        examined = Examined(findings, datetime.now(UTC))
        self._so_far = replace(examined, under_way=True)
        return examined

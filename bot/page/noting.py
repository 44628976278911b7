"""Changes are noted before they begin, and come to their end whatever becomes of the browser."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.domain.errors import DatabaseUnavailable, NellieError
from bot.domain.page import DoneAlready, Visitor
from bot.store.audit import Audit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Noting:
    """The list of changes, around each change."""

    audit: Audit
    _running: set["asyncio.Task[Any]"] = field(default_factory=set)

    async def run(
        self,
        visitor: Visitor,
        action: str,
        do: Callable[[], Awaitable[T]],
        note: Callable[[T], str | None],
        *,
        channel_id: int | None = None,
        once: str = "",
    ) -> T:
        """Do something once for its form. `note` says what was done; None where nothing was.

        Raises DoneAlready, and what `do` raises. A browser that goes away breaks nothing off.
        """
        begin = self.audit.begin(visitor, action, channel_id=channel_id, once=once)
        task = asyncio.create_task(self._run(begin, do, note))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let what is under way come to its end."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(
        self,
        begin: Awaitable[int | None],
        do: Callable[[], Awaitable[T]],
        note: Callable[[T], str | None],
    ) -> T:
        """Where the database goes away meanwhile, the note stays as it is: nobody knows."""
        entry = await begin
        if entry is None:
            raise DoneAlready
        try:
            done = await do()
        except DatabaseUnavailable:
            raise
        except NellieError:
            await self.audit.drop(entry)
            raise
        noted = note(done)
        if noted is None:
            await self.audit.drop(entry)
        else:
            await self.audit.finish(entry, noted)
        return done

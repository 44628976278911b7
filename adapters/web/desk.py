"""What the page asks of the engine where one talks with her."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.web.streams import Streams
from bot.domain.page import Visitor
from bot.domain.ports import Inbox, TurnControl

if TYPE_CHECKING:
    from aiohttp import web  # a server that only the page needs

Act = Callable[["web.Request", Visitor], Coroutine[None, None, "web.StreamResponse"]]


@dataclass(frozen=True, slots=True)
class Offered:
    """Questions to try, for who sits at the machine itself."""

    channel_id: int
    questions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions go, and from where answers come."""

    inbox: Inbox
    turns: TurnControl
    streams: Streams
    offered: Offered | None = None
    _under_way: set["asyncio.Task[web.StreamResponse]"] = field(default_factory=set)

    def whole(self, act: Act) -> Act:
        """A handler that comes to its end, also where the browser goes away meanwhile."""

        async def finish(request: "web.Request", visitor: Visitor) -> "web.StreamResponse":
            task = asyncio.create_task(act(request, visitor))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
            return await asyncio.shield(task)

        return finish

    def _ended(self, task: "asyncio.Task[web.StreamResponse]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # who has gone is told nothing

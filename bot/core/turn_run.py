"""A turn while it is being answered: its lease, its status, and what it has posted."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.core.answer_tracing import AnswerTracing
from bot.core.late_keeping import LateKeeping
from bot.domain.consents import ConsentQuestion
from bot.domain.errors import Fenced
from bot.domain.model import Chunk, Turn, Usage
from bot.domain.pings import Ping
from bot.domain.tools import ToolCall
from bot.store.heartbeat import Heartbeat
from bot.store.hits_ahead import HitsAhead
from bot.store.turn_outcome import ShownWindow
from bot.store.turns import Lease, Turns
from bot.telemetry import metrics

T = TypeVar("T")


@dataclass(slots=True)
class TurnRun:
    """A turn that is being answered here (bot.domain.ports.DeliveryLog)."""

    turn: Turn
    lease: Lease
    turns: Turns
    heartbeat: Heartbeat
    ahead: HitsAhead | None = None
    """What was found for its question when that came."""
    stopped: bool = False
    status: str = "thinking"
    calling: str = ""
    incomplete: bool = False
    can_go_on: bool = False
    consents: tuple[ConsentQuestion, ...] = ()
    pings: tuple[Ping, ...] = ()
    asks: bool = False
    """The answer ends in questions, also where somebody has decided them already."""
    went_on_with: tuple[int, ...] = ()
    """The turns whose questions were decided, and whose calls this one makes."""
    finish: str = ""
    """Why the model stopped, as in Chunk.finish; empty until it has."""
    note: str = ""
    """What is told below the answer, as in Chunk.note."""
    calls: tuple[ToolCall, ...] = ()
    """The tools that the model's last call wants to be called."""
    has_called: bool = False
    """Some tool may have been called by this attempt, or by a former one of this run."""
    questions_ahead: int | None = None
    finds_posts: bool = False
    """As its platform's adapter has it (bot.domain.ports)."""
    usage: list[Usage] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    trace: AnswerTracing = field(default_factory=AnswerTracing)
    """Of the answer that was begun last."""
    late_posts: LateKeeping = field(init=False)
    """Ids of posts that are kept with what is kept next, or else in a moment."""
    _reading: asyncio.Timeout | None = None

    def __post_init__(self) -> None:
        self.late_posts = LateKeeping(self._keep_posted)

    def take_hits(self) -> HitsAhead | None:
        """What was found for its question, once, where nobody had to wait since then."""
        ahead, self.ahead = self.ahead, None
        return ahead if ahead and ahead.is_fresh else None

    def require_lease(self) -> None:
        """Raises Fenced unless the lease is certainly good: ask before every request."""
        if self.late_posts.fenced or not self.heartbeat.holds(self.lease.owner):
            raise Fenced(lane=self.lease.lane)

    async def add(self, post_id: str) -> None:
        """Keep the platform's id of what was just posted: at once, unless it would be found."""
        if post_id in self.turn.posted:
            return
        self.turn = replace(self.turn, posted=(*self.turn.posted, post_id))
        metrics.posts.add(self.turn.channel.platform, "posted")
        if self.finds_posts and not self.turn.private:
            self.late_posts.soon()
        else:
            await self._keep_posted()

    async def _keep_posted(self) -> None:
        await self.turns.keep_posted(self.lease, self.turn)

    def tell(self, doing: str) -> None:
        """What it does, as a status that is shown on every platform."""
        self.status = self.calling = doing

    @property
    def came(self) -> float:
        """When the question came, by time.monotonic()."""
        return self.started - self.turn.waited

    def age(self) -> float:
        """Seconds since the question was asked."""
        return time.monotonic() - self.came

    async def keep_text(self, text: str, shown: ShownWindow | None) -> None:
        """Keep the whole answer: from here on recovery only delivers."""
        self.turn = replace(self.turn, text=text)
        await self.late_posts.overtaken()
        await self.turns.keep_text(self.lease, self.turn, text, shown)

    async def kept_text(self) -> str | None:
        """The whole answer, where an earlier attempt finished it and it still stands."""
        return await self.turns.kept_text(self.turn) if self.turn.text else None

    async def next(self, chunks: AsyncIterator[Chunk]) -> Chunk | None:
        """The next chunk of a model; None as soon as the answer is stopped."""
        return await self.unless_stopped(anext(chunks))

    async def unless_stopped(self, step: Awaitable[T]) -> T | None:
        """What is waited for; None as soon as the answer is stopped."""
        try:
            async with asyncio.timeout(None) as self._reading:
                return await step
        except TimeoutError:
            if not self.stopped:
                raise
            return None
        finally:
            self._reading = None

    def stop(self) -> None:
        """End the answer here, also in the middle of waiting for the model."""
        self.stopped = self.incomplete = True
        if self._reading and not self._reading.expired():  # else it was stopped just before
            self._reading.reschedule(asyncio.get_running_loop().time())

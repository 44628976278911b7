"""One call of a model, in a task of its own, and everybody who waits for it.

Nobody who leaves breaks it off for the others; the last one who leaves does. What it cost is noted
whatever happens, since the task is cancelled once at most, and never while it does that.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

from bot.domain.api import ApiError, Written
from bot.domain.model import Usage
from bot.gateway.calls.weights import weigh
from bot.gateway.errors import to_api_error
from bot.gateway.models.targets import TargetAnswer

# What is read before anybody has taken it, events and bytes: a slow caller slows its model down.
AHEAD, AHEAD_SIZE = 64, 2**20
KEPT = 4 * 2**20  # bytes of a stream that who comes late can still be given from its start
NOTHING = "The model gave no answer."
STOPPED = "This call was broken off before its end."
LEFT = 499  # the status of a call whose caller did not wait, as nginx has it

Ask = Callable[[], Awaitable[TargetAnswer]]


class Account(Protocol):
    """Where it is noted that a call began and how it ended."""

    async def begin(self) -> None:
        """Before the model is asked. Raises ApiError, and then it is not asked."""
        ...

    def first_token(self) -> None:
        """The first of the answer has come."""
        ...

    async def end(self, run: "Run", status: int, error: str | ApiError) -> None:
        """It is over."""
        ...


class Run:
    """A call that is under way or over."""

    def __init__(
        self, ask: Ask, account: Account, *, shared: bool, keeps_all: bool = False
    ) -> None:
        """What is `shared` can be joined: its events are kept, up to a size, or all of them."""
        self.answer: TargetAnswer | None = None
        """Once the first of it has come."""
        self.error: ApiError | None = None
        self.events: list[Written] = []
        self.is_over = False
        self.can_be_joined = shared
        self.was_asked = False
        """The model was asked: from then on it may cost something."""
        self.keeps_events = shared or keeps_all
        """None of them was let go."""
        self.when_over: Callable[[Run], None] | None = None
        self._keeps_all = keeps_all
        self._ask = ask
        self._account = account
        self._size = self._ahead = 0
        self._weights = deque[int]()
        """Of the events that nobody has taken."""
        self._listeners = set[Listener]()
        self._furthest = 0
        self._taken = asyncio.Event()
        self.task = asyncio.create_task(self._work())

    @property
    def usage(self) -> Usage | None:
        """What it cost, as far as that is known."""
        return self.answer.usage if self.answer else None

    def listen(self) -> "Listener":
        """Listen from the start on."""
        listener = Listener(self)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: "Listener") -> None:
        """Somebody does not wait any more."""
        self._listeners.discard(listener)
        if not self._listeners:
            self.stop()

    def stop(self) -> None:
        """Break it off, whoever listens."""
        if not self.is_over:
            self.can_be_joined, self.is_over = False, True
            self.error = self.error or ApiError(STOPPED, status=503, type="server_error")
            self._tell()
            self.task.cancel()

    def take(self, index: int) -> Written:
        """The event of that number. Where nobody can come late, it is needed no more."""
        event = self.events[index]
        if not self.keeps_events and len(self._listeners) == 1:
            self.events[index] = b""
        if index >= self._furthest:
            self._furthest = index + 1
            self._ahead -= self._weights.popleft()
            if not self._taken.is_set():
                self._taken.set()
        return event

    async def _work(self) -> None:
        status = 200
        how: str | ApiError = ""
        try:
            await self._account.begin()
            await self._answer()
        except asyncio.CancelledError:
            status, how = LEFT, "the caller did not wait"
        except Exception as error:
            self.error = to_api_error(error)
            status, how = self.error.status, self.error
        self.is_over, self.can_be_joined = True, False
        self._tell()
        if self.when_over:
            self.when_over(self)
        await self._account.end(self, status, how)

    async def _answer(self) -> None:
        self.was_asked = True
        answer = await self._ask()
        self._account.first_token()
        if answer.events is None:
            self.answer = answer
            return
        async with aclosing(answer.events) as events:
            async for event in events:
                self.answer = answer
                self._add(event)
                while len(self.events) - self._furthest > AHEAD or self._ahead > AHEAD_SIZE:
                    self._taken.clear()
                    await self._taken.wait()

    def _add(self, event: Written) -> None:
        weight = weigh(event)
        self.events.append(event)
        self._weights.append(weight)
        self._size += weight
        self._ahead += weight
        if self._size > KEPT:
            self.can_be_joined = False
            self.keeps_events = self._keeps_all
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener.hear()


class Listener:
    """One who waits for a run: an iterator over its events, from the first on."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.error: ApiError | None = None
        """Why this one is told nothing more, whatever becomes of the others."""
        self._next = 0
        self._has_left = False
        self._news = asyncio.Event()

    @property
    def is_done(self) -> bool:
        """Nothing more is to come."""
        return self._has_left or (self.run.is_over and self._next >= len(self.run.events))

    def end(self, error: ApiError) -> None:
        """Tell this one nothing but an error from now on."""
        self.error = error
        self.hear()

    def hear(self) -> None:
        """Something has come."""
        self._news.set()

    def _raise_error(self) -> None:
        if self.error:
            raise self.error

    async def started(self) -> TargetAnswer:
        """The answer, once the first of it has come. Raises ApiError where nothing will."""
        try:
            while not (self.run.answer or self.run.is_over):
                await self._wait()
                self._raise_error()
        except BaseException:
            await self.aclose()
            raise
        if self.run.answer is None or (self.run.error and not self.run.events):
            raise self.run.error or ApiError(NOTHING, status=502, type="server_error")
        return self.run.answer

    async def _wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    def __aiter__(self) -> "Listener":
        return self

    async def __anext__(self) -> Written:
        run = self.run
        self._raise_error()
        while self._next >= len(run.events):
            if run.is_over:
                if run.error:
                    raise run.error
                raise StopAsyncIteration
            await self._wait()
            self._raise_error()
        event = run.take(self._next)
        self._next += 1
        return event

    async def aclose(self) -> None:
        """Wait no more."""
        self._has_left = True
        self.run.leave(self)

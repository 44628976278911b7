"""Equal calls that are under way are made once, and everybody is told what came of it."""

import asyncio

from bot.domain.api import Written
from bot.gateway.calls.calls import Call
from bot.gateway.calls.runs import LEFT, Run
from bot.gateway.models.targets import TargetAnswer

ENDING = 5.0  # seconds in which what was broken off at the end of the process is noted


class CallsUnderWay:
    """All of one replica; those that can be joined by what makes them equal."""

    def __init__(self) -> None:
        self._runs: dict[bytes, Run] = {}
        self._tasks: dict[asyncio.Task[None], Run] = {}

    def find(self, key: bytes) -> Run | None:
        """An equal call that can still be joined."""
        run = self._runs.get(key)
        return run if run and run.can_be_joined else None

    def add(self, key: bytes | None, run: Run) -> None:
        """A call that begins; with a key, others may join it."""
        self._tasks[run.task] = run
        if key:
            self._runs[key] = run
        run.task.add_done_callback(lambda task: self._remove(key, task))

    async def close(self) -> None:
        """Break off what still runs, and return once that is noted."""
        for run in list(self._tasks.values()):
            run.stop()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=ENDING)

    def _remove(self, key: bytes | None, task: asyncio.Task[None]) -> None:
        run = self._tasks.pop(task)
        if key and self._runs.get(key) is run:
            del self._runs[key]


class JoinedEvents:
    """What comes of a call that somebody else began; its own row says that it was saved."""

    def __init__(self, run: Run) -> None:
        self.call: Call | None = None
        self.listener = run.listen()
        self._has_ended = False

    async def started(self) -> TargetAnswer:
        """The answer, once the first of it has come. Raises ApiError where nothing will."""
        answer = await self.listener.started()
        if self.call:
            self.call.first_token()
        self._has_ended = answer.body is not None
        return answer

    def __aiter__(self) -> "JoinedEvents":
        return self

    async def __anext__(self) -> Written:
        try:
            return await anext(self.listener)
        except StopAsyncIteration:
            self._has_ended = True
            raise

    async def aclose(self) -> None:
        """Wait no more; how that was is noted."""
        run = self.listener.run
        failed = None if self._has_ended else self.listener.error or run.error
        await self.listener.aclose()
        if self.call is None:
            return
        left = "" if self._has_ended else "the caller did not wait"
        await self.call.end(
            status=200 if self._has_ended else failed.status if failed else LEFT,
            usage=run.usage,
            model=run.answer.model if run.answer else "",
            saved="coalesced",
            error=failed or left,
        )

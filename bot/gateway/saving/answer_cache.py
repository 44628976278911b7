"""Answers without chance in them, kept for as long as NELLIE_API_CACHE says; in memory."""

import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bot.domain.api import Written
from bot.domain.model import Usage
from bot.gateway.calls.runs import Run
from bot.gateway.calls.weights import weigh
from bot.gateway.models.targets import TargetAnswer

MOST = 64 * 2**20  # bytes of all answers together
LARGEST = 4 * 2**20  # bytes of one
_BESIDE = 1_000  # bytes that an answer takes besides


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that was whole."""

    until: float
    size: int
    model: str
    usage: Usage | None
    body: Written | None
    events: tuple[Written, ...]

    def again(self) -> TargetAnswer:
        """The same once more."""
        events = _replay(self.events) if self.body is None else None
        return TargetAnswer(model=self.model, body=self.body, events=events, usage=self.usage)


class AnswerCache:
    """The newest of them, as many as there is room for."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[bytes, KeptAnswer] = OrderedDict()
        self._size = 0

    @property
    def is_on(self) -> bool:
        """Whether anything is kept at all."""
        return self._seconds > 0

    def get(self, key: bytes) -> TargetAnswer | None:
        """What was answered to an equal call, not too long ago."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until < self._clock():
            self._remove(key)
            return None
        return kept.again()

    def put(self, key: bytes, run: Run) -> None:
        """Keep what a call was answered; never an error, and nothing that is not whole."""
        answer = run.answer
        if run.error or answer is None or not run.is_over or not run.keeps_events:
            return
        written = run.events if answer.body is None else [answer.body]
        size = sum(map(weigh, written)) + _BESIDE
        if size > LARGEST:
            return
        self._remove(key)
        until = self._clock() + self._seconds
        kept = KeptAnswer(until, size, answer.model, answer.usage, answer.body, tuple(run.events))
        self._kept[key] = kept
        self._size += size
        while self._size > MOST:
            self._remove(next(iter(self._kept)))

    def _remove(self, key: bytes) -> None:
        if kept := self._kept.pop(key, None):
            self._size -= kept.size


async def _replay(events: tuple[Written, ...]) -> AsyncGenerator[Written, None]:
    for event in events:
        yield event

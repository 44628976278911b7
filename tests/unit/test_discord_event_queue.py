"""Events are handled in order, channel by channel, also when the database is away meanwhile."""

import asyncio

import pytest

from adapters.discord import event_queue
from adapters.discord.event_queue import CutOff, Dropped, EventQueue
from bot.domain.errors import DatabaseUnavailable, Refused


class RecordingBackfill:
    """Counts how often history is to be read."""

    def __init__(self) -> None:
        self.requests = 0

    def request(self) -> None:
        self.requests += 1


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_queue, "DATABASE_PAUSE", 0.001)


async def test_a_channel_keeps_its_order_and_does_not_hold_up_another() -> None:
    done: list[str] = []
    gate = asyncio.Event()
    queue = EventQueue(RecordingBackfill())

    async def step(name: str, *, waits: bool = False) -> str:
        if waits:
            await gate.wait()
        done.append(name)
        return name

    first = queue.put(1, lambda: step("a1", waits=True))
    queue.put(1, lambda: step("a2"))
    await queue.put(2, lambda: step("b1"))
    assert done == ["b1"]
    gate.set()
    await queue.idle()

    assert done == ["b1", "a1", "a2"]
    assert await first == "a1"


async def test_nothing_is_lost_while_the_database_is_away() -> None:
    done: list[int] = []
    failures = 3
    backfill = RecordingBackfill()
    queue = EventQueue(backfill)

    async def step(number: int) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise DatabaseUnavailable(reason="it is away")
        done.append(number)

    for number in range(4):
        queue.put(1, lambda number=number: step(number))  # type: ignore[misc]
    await queue.idle()

    assert done == [0, 1, 2, 3]
    assert backfill.requests == 1


@pytest.mark.parametrize("error", [Refused(reason="it has no text."), KeyError("author")])
async def test_an_error_is_raised_by_its_future_and_the_next_event_is_handled(
    error: Exception,
) -> None:
    queue = EventQueue(RecordingBackfill())

    async def fail() -> None:
        raise error

    async def work() -> str:
        return "done"

    failed, after = queue.put(1, fail), queue.put(1, work)

    assert await after == "done"
    assert failed.exception() is error


async def test_events_beyond_the_capacity_are_dropped_and_backfill_is_requested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_queue, "CAPACITY", 2)
    gate = asyncio.Event()
    backfill = RecordingBackfill()
    queue = EventQueue(backfill)

    steps = [queue.put(1, gate.wait) for _ in range(3)]

    assert [step.done() for step in steps] == [False, False, True]
    assert isinstance(steps[2].exception(), Dropped)
    gate.set()
    await queue.idle()
    assert backfill.requests == 1
    assert (await queue.put(1, gate.wait)) is True


async def test_closing_lets_a_step_that_has_begun_end_and_drops_those_that_wait() -> None:
    queue, gate = EventQueue(RecordingBackfill()), asyncio.Event()
    begun, waiting = queue.put(1, gate.wait), queue.put(1, gate.wait)
    await asyncio.sleep(0)

    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0)
    late = queue.put(2, gate.wait)
    gate.set()
    await closing

    assert begun.result() is True
    assert isinstance(waiting.exception(), Dropped)
    assert isinstance(late.exception(), Dropped)


async def test_a_step_that_closing_cuts_off_is_not_called_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_queue, "GRACE", 0)
    queue = EventQueue(RecordingBackfill())
    begun, waiting = [queue.put(1, asyncio.Event().wait) for _ in range(2)]
    await asyncio.sleep(0)

    await queue.close()

    assert isinstance(begun.exception(), CutOff)
    assert isinstance(waiting.exception(), Dropped)

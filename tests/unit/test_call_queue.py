"""Slots for model calls: how many at once, in which order, and what those who wait hear."""

import asyncio

import pytest

from bot.domain.errors import LimitReached
from bot.limits.call_queue import CallQueue


class Caller:
    """Takes a slot and keeps it until `done` is set."""

    def __init__(self, queue: CallQueue) -> None:
        self.ahead: list[int] = []
        self.has_slot = False
        self.done = asyncio.Event()
        self.task = asyncio.create_task(self._call(queue))

    async def _call(self, queue: CallQueue) -> None:
        async with queue.slot(self.ahead.append):
            self.has_slot = True
            await self.done.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def call(queue: CallQueue, count: int) -> list[Caller]:
    callers = [Caller(queue) for _ in range(count)]
    await settle()
    return callers


async def test_who_waits_hears_how_many_are_before_them_and_moves_up() -> None:
    queue = CallQueue(1, max_waiting=9)
    first, second, third = await call(queue, 3)

    assert (first.ahead, second.ahead, third.ahead) == ([], [0], [1])

    first.done.set()
    await settle()

    assert (second.has_slot, third.has_slot, third.ahead) == (True, False, [1, 0])
    assert queue.waiting == 1
    for one in (second, third):
        one.done.set()
        await one.task


async def test_one_who_leaves_the_queue_makes_room() -> None:
    queue = CallQueue(1, max_waiting=9)
    first, second, third = await call(queue, 3)

    second.task.cancel()
    await settle()
    assert third.ahead == [1, 0]

    first.done.set()
    await settle()
    assert third.has_slot
    third.done.set()
    await third.task


async def test_a_slot_that_is_given_to_one_who_leaves_in_that_moment_is_not_lost() -> None:
    queue = CallQueue(1, max_waiting=9)
    first, second = await call(queue, 2)

    first.done.set()
    await asyncio.sleep(0)  # the slot is on its way to the second
    second.task.cancel()
    await settle()

    [third] = await call(queue, 1)
    assert third.has_slot
    third.done.set()
    await third.task


async def test_a_full_queue_says_so() -> None:
    queue = CallQueue(1, max_waiting=1)
    first, second = await call(queue, 2)

    with pytest.raises(LimitReached, match=r"1 question waits .* ask again in a few minutes"):
        async with queue.slot():
            pass

    for one in (first, second):
        one.done.set()
        await one.task

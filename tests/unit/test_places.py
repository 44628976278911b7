"""Places at the model: how many at once, in which order, and what those who wait are told."""

import asyncio

import pytest

from bot.errors import LimitReached
from bot.places import Places


class Caller:
    """Takes a place and keeps it until it is told to go."""

    def __init__(self, places: Places) -> None:
        self.heard: list[int] = []
        self.in_place = False
        self.done = asyncio.Event()
        self.task = asyncio.create_task(self._call(places))

    async def _call(self, places: Places) -> None:
        async with places.taken(self.heard.append):
            self.in_place = True
            await self.done.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def called(places: Places, count: int) -> list[Caller]:
    callers = [Caller(places) for _ in range(count)]
    await settle()
    return callers


async def test_who_waits_hears_how_many_are_before_them_and_moves_up() -> None:
    places = Places(1, most=9)
    first, second, third = await called(places, 3)

    assert (first.heard, second.heard, third.heard) == ([], [0], [1])

    first.done.set()
    await settle()

    assert (second.in_place, third.in_place, third.heard) == (True, False, [1, 0])
    assert places.waiting == 1
    for one in (second, third):
        one.done.set()
        await one.task


async def test_one_who_leaves_the_queue_makes_room() -> None:
    places = Places(1, most=9)
    first, second, third = await called(places, 3)

    second.task.cancel()
    await settle()
    assert third.heard == [1, 0]

    first.done.set()
    await settle()
    assert third.in_place
    third.done.set()
    await third.task


async def test_a_place_that_is_given_to_one_who_leaves_in_that_moment_is_not_lost() -> None:
    places = Places(1, most=9)
    first, second = await called(places, 2)

    first.done.set()
    await asyncio.sleep(0)  # the place is on its way to the second
    second.task.cancel()
    await settle()

    [third] = await called(places, 1)
    assert third.in_place
    third.done.set()
    await third.task


async def test_a_full_queue_says_so() -> None:
    places = Places(1, most=1)
    first, second = await called(places, 2)

    with pytest.raises(LimitReached, match=r"1 questions wait .* ask again in a few minutes"):
        async with places.taken():
            pass

    for one in (first, second):
        one.done.set()
        await one.task

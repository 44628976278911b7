"""What may be kept late: within a moment, in order, and no longer once nobody needs it."""

import asyncio

import pytest

from bot.core import late_keeping
from bot.core.late_keeping import LateKeeping
from bot.domain.errors import DatabaseUnavailable, Fenced


class Shelf:
    """Keeps a number as it is by then; slow, away or another's when told to."""

    def __init__(self) -> None:
        self.number = 0
        self.kept: list[int] = []
        self.trouble: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.late = LateKeeping(self.keep)

    async def keep(self) -> None:
        number = self.number
        await self.gate.wait()
        if self.trouble:
            raise self.trouble.pop(0)
        self.kept.append(number)

    def put(self) -> None:
        self.number += 1
        self.late.soon()


@pytest.fixture
async def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(late_keeping, "WITHIN", 0.01)
    return Shelf()


async def test_several_are_kept_at_once_in_a_moment(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.put()
    assert shelf.kept == []

    await asyncio.sleep(0.1)

    assert shelf.kept == [3]


async def test_what_comes_while_it_is_kept_is_kept_behind_it(shelf: Shelf) -> None:
    shelf.gate.clear()
    shelf.put()
    await asyncio.sleep(0.05)
    shelf.put()
    await asyncio.sleep(0.05)
    shelf.gate.set()
    await asyncio.sleep(0.1)

    assert shelf.kept == [1, 2]


async def test_what_is_taken_along_is_not_kept_again(shelf: Shelf) -> None:
    shelf.put()

    await shelf.late.overtaken()
    await asyncio.sleep(0.05)

    assert shelf.kept == []


async def test_who_takes_it_along_waits_for_what_is_older(shelf: Shelf) -> None:
    shelf.gate.clear()
    shelf.put()
    await asyncio.sleep(0.05)
    overtaking = asyncio.create_task(shelf.late.overtaken())
    await asyncio.sleep(0.05)
    assert not overtaking.done()

    shelf.gate.set()
    await overtaking

    assert shelf.kept == [1]


async def test_a_database_that_is_away_is_tried_again(shelf: Shelf) -> None:
    shelf.trouble = [DatabaseUnavailable(reason="away"), DatabaseUnavailable(reason="away")]
    shelf.put()

    await asyncio.sleep(0.2)

    assert shelf.kept == [1]
    assert not shelf.late.fenced


async def test_a_lane_that_was_lost_is_noticed(shelf: Shelf) -> None:
    shelf.trouble = [Fenced(lane="thread:1")]
    shelf.put()

    await asyncio.sleep(0.05)

    assert shelf.late.fenced
    assert shelf.kept == []


async def test_at_the_end_nothing_is_left_to_do(shelf: Shelf) -> None:
    shelf.put()

    shelf.late.end()
    shelf.put()
    await asyncio.sleep(0.05)

    assert shelf.kept == []


async def test_what_nobody_expected_is_left_to_what_keeps_next(shelf: Shelf) -> None:
    shelf.trouble.append(ValueError("odd"))
    shelf.put()
    await asyncio.sleep(0.05)
    assert (shelf.kept, shelf.trouble, shelf.late.fenced) == ([], [], False)

    shelf.put()
    await asyncio.sleep(0.05)
    assert shelf.kept == [2]

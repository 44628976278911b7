"""Who came first goes on first, one in each round of the event loop, and nobody is held up."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from bot.core.first_come import AHEAD, FirstCome


class Crowd:
    """Those who go on, in their order."""

    def __init__(self) -> None:
        self.first_come = FirstCome()
        self.order: list[float] = []
        self.now = time.monotonic()

    async def go_on(self, came: float) -> None:
        """One who came so many seconds after the crowd."""
        await self.first_come.go_on(self.now + came)
        self.order.append(came)

    def come(self, *times: float) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.go_on(came)) for came in times]


@pytest.fixture
async def crowd() -> Crowd:
    return Crowd()


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_earliest_goes_on_first(crowd: Crowd) -> None:
    await ended(crowd.come(0.0, 0.03, 0.01, 0.02))

    assert crowd.order == [0.0, 0.01, 0.02, 0.03]


async def test_those_of_one_moment_keep_their_order(crowd: Crowd) -> None:
    first_come, order = crowd.first_come, list[int]()

    async def go_on(number: int) -> None:
        await first_come.go_on(crowd.now)
        order.append(number)

    await ended([asyncio.create_task(go_on(number)) for number in range(9)])

    assert order == list(range(9))


async def test_one_alone_does_not_wait(crowd: Crowd) -> None:
    step = crowd.go_on(0.0)

    with pytest.raises(StopIteration):  # it has ended without a round of the event loop
        step.send(None)


async def test_what_else_is_ready_comes_between_two(crowd: Crowd) -> None:
    loop, between = asyncio.get_running_loop(), list[int]()

    def answer_comes() -> None:
        between.append(len(crowd.order))
        if len(crowd.order) < 4:
            loop.call_soon(answer_comes)

    answer_comes()
    await ended(crowd.come(0.0, 0.01, 0.02, 0.03))

    assert {1, 2, 3} <= set(between)


async def test_who_waits_for_something_slow_holds_up_nobody(crowd: Crowd) -> None:
    something = asyncio.Event()

    async def wait_for_it() -> None:
        await crowd.go_on(0.0)
        await something.wait()

    slow = asyncio.create_task(wait_for_it())
    await ended(crowd.come(0.01, 0.02, 0.03))

    assert crowd.order == [0.0, 0.01, 0.02, 0.03]
    something.set()
    await slow


async def test_who_fails_holds_up_nobody(crowd: Crowd) -> None:
    async def fail() -> None:
        await crowd.go_on(0.0)
        raise LookupError

    await ended([asyncio.create_task(fail()), *crowd.come(0.01, 0.02)])

    assert crowd.order == [0.0, 0.01, 0.02]


async def test_who_is_cancelled_while_waiting_holds_up_nobody(crowd: Crowd) -> None:
    tasks = crowd.come(0.0, 0.01, 0.02, 0.03)
    await asyncio.sleep(0)
    tasks[1].cancel()
    await ended(tasks)

    assert crowd.order == [0.0, 0.02, 0.03]


async def test_who_is_cancelled_in_the_moment_of_going_on_holds_up_nobody(crowd: Crowd) -> None:
    tasks = crowd.come(0.0, 0.01, 0.02, 0.03)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(tasks[1].cancel)  # right after it was told
    await ended(tasks)

    assert crowd.order == [0.0, 0.02, 0.03]


async def test_all_waiting_may_be_cancelled(crowd: Crowd) -> None:
    tasks = crowd.come(0.0, 0.01, 0.02)
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    await ended(tasks)
    await ended(crowd.come(0.04, 0.05))

    assert crowd.order == [0.0, 0.04, 0.05]


async def test_what_comes_now_is_let_in_however_much_is_older(crowd: Crowd) -> None:
    has_come = asyncio.Event()

    async def keep_coming() -> None:
        while not has_come.is_set():
            await crowd.first_come.go_on(crowd.now - 1_000)

    old = [asyncio.create_task(keep_coming()) for _ in range(20)]
    await asyncio.sleep(0)
    began = time.monotonic()
    async with asyncio.timeout(5):
        await crowd.first_come.go_on(began)
    has_come.set()

    assert time.monotonic() - began >= AHEAD
    await ended(old)

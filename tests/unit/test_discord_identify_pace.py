"""Sessions with Discord's gateway are begun at once at first, then ever so often."""

import pytest

from adapters.discord.identify_pace import BURST, IdentifyPace

DAY = 86_400.0
RESET = 1_000  # sessions a day at which Discord resets the token


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def begun_in_a_day(replicas: int) -> int:
    """How many sessions one replica begins that is told to identify again at once, always."""
    clock = Clock()
    pace, begun = IdentifyPace(clock=lambda: clock.now, sleep=clock.sleep), 0
    while clock.now < DAY:
        await pace.wait(replicas)
        begun += 1
    return begun


@pytest.mark.parametrize("replicas", [0, 1, 2, 3, 8])
async def test_a_gateway_that_ends_every_session_does_not_cost_the_token(replicas: int) -> None:
    assert await begun_in_a_day(replicas) * max(1, replicas) < RESET


async def test_the_first_begin_at_once_and_so_do_later_ones_after_a_quiet_time() -> None:
    clock = Clock()
    pace = IdentifyPace(clock=lambda: clock.now, sleep=clock.sleep)

    for _ in range(2):
        began = clock.now
        for _ in range(BURST):
            await pace.wait(1)
        assert clock.now == began
        clock.now += DAY


async def test_it_says_while_one_waits() -> None:
    waited: list[bool] = []
    clock = Clock()

    async def sleep(seconds: float) -> None:
        waited.append(pace.waiting)
        await clock.sleep(seconds)

    pace = IdentifyPace(clock=lambda: clock.now, sleep=sleep)
    for _ in range(BURST + 1):
        await pace.wait(1)

    assert waited == [True]
    assert not pace.waiting

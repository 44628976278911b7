"""How often messages of a channel are edited."""

import asyncio
from dataclasses import dataclass

import pytest

from adapters.discord import rate_limits
from adapters.discord.rate_limits import Pace, Paces

PERIOD = 0.05


@dataclass
class Replicas:
    """So many replicas share the work."""

    replicas: int = 1


async def quick() -> None:
    return


async def test_replicas_share_the_pace_of_a_channel() -> None:
    pace, clock = Pace(Replicas(3), PERIOD), asyncio.get_running_loop()

    await pace.edit(quick)
    started = clock.time()
    await pace.edit(quick)

    assert clock.time() - started >= PERIOD * 3 * 0.99


async def test_the_pace_slows_with_discord_and_recovers() -> None:
    pace, clock = Pace(Replicas(), PERIOD), asyncio.get_running_loop()

    async def slow() -> None:
        await asyncio.sleep(rate_limits.SLUGGISH + 0.01)

    await pace.edit(slow)
    assert pace.period == PERIOD * 2
    await pace.edit(quick)
    assert pace.period == pytest.approx(PERIOD * 1.6)
    started = clock.time()
    for _ in range(3):
        await pace.edit(quick)
    assert clock.time() - started >= PERIOD
    assert pace.period == PERIOD


def test_each_channel_has_one_pace_of_its_own() -> None:
    paces = Paces(Replicas())

    assert paces.of(1) is paces.of(1)
    assert paces.of(1) is not paces.of(2)

"""Several `nellie run` on one database: one that goes is replaced, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from chaos.driver import Rig, drain, open_rig
from chaos.plan import Plan

Start = Callable[..., Awaitable[Rig]]
HELD = "SELECT owner FROM lane WHERE owner IS NOT NULL"

pytestmark = [pytest.mark.stress, pytest.mark.timeout(400)]


@pytest.fixture
async def start_rig() -> AsyncIterator[Start]:
    """Start so many replicas on Slack, with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(replicas: int, **settings: str) -> Rig:
            plan = Plan(
                seed=1,
                seconds=0,
                replicas=replicas,
                slack_only=True,
                drain_seconds=200,
                settings=settings,
            )
            return await stack.enter_async_context(open_rig(plan))

        yield start


async def until(true: Callable[[], Awaitable[Any]]) -> None:
    """Return once it is true."""
    async with asyncio.timeout(100):
        while not await true():  # noqa: ASYNC110  # it happens in other processes
            await asyncio.sleep(0.02)


async def test_a_killed_replica_is_replaced_long_before_its_lease_is_over(start_rig: Start) -> None:
    # A lease so long that only the heartbeat can tell, within the 100 s of `until`.
    rig = await start_rig(1, NELLIE_LEASE="600", NELLIE_READ_TIMEOUT="600")
    rig.model.trouble("stalled", 1)
    rig.platforms.greet()
    await until(lambda: rig.postgres.rows(HELD))
    rig.replicas.start(1, first=1)
    await until(lambda: _are_connected(rig, 2))

    rig.replicas.kill(0)

    assert not (await drain(rig)).findings


async def test_a_rolling_restart_loses_no_answer(start_rig: Start) -> None:
    rig = await start_rig(2)
    for _ in range(5):
        rig.platforms.greet()

    await rig.faults.roll()

    result = await drain(rig)
    assert not result.findings, result.findings
    assert result.answered == len(rig.platforms.sent)


async def _are_connected(rig: Rig, replicas: int) -> bool:
    return rig.platforms.are_connected(replicas)

"""Several `nellie run` on one database: one that goes is replaced, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from chaos.driver import Plan, Scene, drained, opened

Open = Callable[..., Awaitable[Scene]]
HELD = "SELECT owner FROM lane WHERE owner IS NOT NULL"

pytestmark = [pytest.mark.stress, pytest.mark.timeout(400)]


@pytest.fixture
async def open_scene() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def one(replicas: int, **settings: str) -> Scene:
            plan = Plan(
                seed=1, seconds=0, replicas=replicas, slack_only=True, patience=200,
                settings=settings,
            )  # fmt: skip
            return await stack.enter_async_context(opened(plan))

        yield one


async def until(so: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(100):
        while not await so():  # noqa: ASYNC110  # it happens in other processes
            await asyncio.sleep(0.02)


async def test_a_killed_replica_is_replaced_long_before_its_lease_is_over(open_scene: Open) -> None:
    # A lease so long that only the sign of life can tell, within the 100 s of `until`.
    scene = await open_scene(1, NELLIE_LEASE="600", NELLIE_READ_TIMEOUT="600")
    scene.oracle.trouble("stalled", 1)
    scene.town.greet()
    await until(lambda: scene.postgres.rows(HELD))
    scene.fleet.start(1, first=1)
    await until(lambda: _there(scene, 2))

    scene.fleet.kill(0)

    assert not (await drained(scene)).findings


async def test_a_rolling_restart_loses_no_answer(open_scene: Open) -> None:
    scene = await open_scene(2)
    for _ in range(5):
        scene.town.greet()

    await scene.faults.roll()

    verdict = await drained(scene)
    assert not verdict.findings, verdict.findings
    assert verdict.answered == len(scene.town.said)


async def _there(scene: Scene, replicas: int) -> bool:
    return scene.town.present(replicas)

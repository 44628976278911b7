"""Background tasks run by themselves, and their failures are logged."""

import asyncio

from structlog.testing import capture_logs

from adapters.kit.background_tasks import BackgroundTasks
from bot.domain.errors import CommandError


async def test_close_waits_for_a_task_that_ends_in_time() -> None:
    tasks, done = BackgroundTasks("slack"), []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(True)

    tasks.start(work(), "a short task")
    await tasks.close(seconds=5)

    assert done == [True]


async def test_close_cancels_a_task_that_takes_too_long() -> None:
    tasks, cancelled = BackgroundTasks("slack"), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    tasks.start(work(), "an endless task")
    await tasks.close(seconds=0.01)

    assert cancelled == [True]


async def test_a_failure_is_logged_with_the_platform_and_the_task() -> None:
    async def refuse() -> None:
        raise CommandError(reason="not today")

    async def fail() -> None:
        raise KeyError("a fault of ours")

    with capture_logs() as lines:
        tasks = BackgroundTasks("slack")
        tasks.start(refuse(), "refusing")
        tasks.start(fail(), "failing")
        await tasks.close(seconds=5)

    assert [(line["platform"], line["event"], line["task"]) for line in lines] == [
        ("slack", "background_task_failed", "refusing"),
        ("slack", "background_task_failed", "failing"),
    ]
    assert [line["log_level"] for line in lines] == ["warning", "error"]

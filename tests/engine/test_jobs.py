"""The jobs of a replica do not come all at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core import jobs
from bot.testing import RunningNellie


async def test_jobs_come_one_after_another(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled: dict[str, datetime] = {}

    class Scheduler(AsyncIOScheduler):
        def start(self, paused: bool = False) -> None:
            super().start(paused=True)
            scheduled.update({job.id: job.next_run_time for job in self.get_jobs()})

    monkeypatch.setattr(jobs, "AsyncIOScheduler", Scheduler)
    running = asyncio.create_task(nellie.parts.jobs.run())
    async with asyncio.timeout(10):
        while not scheduled:  # noqa: ASYNC110  # the job itself says nothing
            await asyncio.sleep(0)
    running.cancel()

    moments = sorted(moment for name, moment in scheduled.items() if name != "expire")
    apart = [later - earlier for earlier, later in pairwise(moments)]
    assert min(apart) > timedelta(seconds=0.5)
    assert moments[0] > datetime.now(UTC) - timedelta(seconds=5)

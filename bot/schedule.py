"""The clock: APScheduler in every replica; the database says what is due."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import metrics
from bot.errors import DatabaseUnavailable, LimitReached, ModelError
from bot.memory.compaction import Compaction

EVERY = 10  # seconds between looks at what is due
EXPIRY = 600  # seconds between looks at what was kept for too long

log = structlog.get_logger(__name__)
Step = Callable[[], Awaitable[None]]


@asynccontextmanager
async def ticking(
    compaction: Compaction, post_digests: Step, expire: Step, embed: Step
) -> AsyncIterator[None]:
    """Compact, post digests, forget what is too old and embed, for as long as the block lasts."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    clock = AsyncIOScheduler(
        job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    )
    clock.add_job(tidy, "interval", seconds=EVERY, args=[compaction], id="compaction")
    clock.add_job(step, "interval", seconds=EVERY, args=[post_digests], id="digests")
    clock.add_job(step, "interval", seconds=EVERY, args=[embed], id="embeddings")
    clock.add_job(step, "interval", seconds=EXPIRY, args=[expire], id="retention")
    clock.start()
    try:
        yield
    finally:
        clock.shutdown(wait=False)


async def tidy(compaction: Compaction) -> None:
    """One look: repair what is dirty, compact what is due. A failure is tried again later."""
    try:
        for channel_id in await compaction.summaries.dirty():
            await _safely(compaction.repair(channel_id), compaction, channel_id)
        for channel_id in await compaction.due():
            await _safely(compaction.compact(channel_id), compaction, channel_id)
    except DatabaseUnavailable as error:
        log.warning("compaction waits", reason=str(error))


async def step(work: Step) -> None:
    """One look; while the database is away, the next one finds what this one would have."""
    try:
        await work()
    except DatabaseUnavailable as error:
        log.warning("the clock waits", reason=str(error))


async def _safely(work: Awaitable[int], compaction: Compaction, channel_id: int) -> None:
    try:
        made = await work
        metrics.compactions.add("made" if made else "nothing")
    except LimitReached as error:
        metrics.compactions.add("waiting")
        log.warning("compaction waits", channel=channel_id, reason=str(error))
    except ModelError as error:  # its words may quote the prompt
        metrics.compactions.add("failed")
        log.warning("compaction failed", channel=channel_id, error=type(error).__name__)
    except DatabaseUnavailable:
        raise
    except Exception as error:  # one channel's trouble is not every channel's
        metrics.compactions.add("failed")
        log.error("compaction failed", channel=channel_id, exc_info=error)
        await compaction.postpone(channel_id)

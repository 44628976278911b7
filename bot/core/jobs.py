"""Scheduled jobs: APScheduler in every replica; the database says what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core.consenting.ending import Ending
from bot.core.due_reminders import DueReminders
from bot.core.freed_memory import give_back_freed_memory
from bot.core.ruling.ruling import Ruling
from bot.core.scheduled_digests import ScheduledDigests
from bot.domain.errors import DatabaseRefuses, DatabaseUnavailable, LimitReached, ModelError
from bot.limits.quotas import Quotas
from bot.memory.compaction import Compaction
from bot.memory.forgetting import Forgetting
from bot.memory.semantic_index import SemanticIndex
from bot.telemetry import metrics

EVERY = 10  # seconds between looks at what is due
TIDYING = 10  # seconds between two times that freed memory is given back
EXPIRY = 600  # seconds between looks at what was kept for too long

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Compacts, posts digests, embeds, and forgets what was kept for too long."""

    compaction: Compaction
    scheduled_digests: ScheduledDigests
    due_reminders: DueReminders
    ruling: Ruling
    consents: Ending
    forgetting: Forgetting
    semantic_index: SemanticIndex | None
    quotas: Quotas
    retention: int
    """Days that messages are kept where their channel does not say; 0 for ever."""
    forget_removed_days: int
    """Days after which a channel is forgotten that Nellie is not in any more; 0 for never."""

    async def run(self) -> None:
        """Do what is due, again and again, until cancelled."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = AsyncIOScheduler(
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )
        jobs = (
            (self.compact_due, EVERY),
            (self.open_digests, EVERY),
            (self.open_reminders, EVERY),
            (self.label_arrived, EVERY),
            (self.open_rule_posts, EVERY),
            (self.end_consents, EVERY),
            (self.embed, EVERY),
            (self.end_leases, EVERY),
            (self.give_back_memory, TIDYING),
            (self.expire, EXPIRY),
        )
        now = datetime.now(UTC)
        for number, (job, seconds) in enumerate(jobs, 1):
            # One after another: all at once, they would take connections that answers wait for.
            first = now + timedelta(seconds=seconds * number / len(jobs))
            scheduler.add_job(job, "interval", seconds=seconds, start_date=first, id=job.__name__)
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def compact_due(self) -> None:
        """Repair what is dirty, compact what is due. A failure is tried again later."""
        await _guarded("compaction", self._repair_all)
        await _guarded("compaction", self._compact_all)

    async def open_digests(self) -> None:
        """Open the turns of the digests that are due."""
        await _guarded("digests", self.scheduled_digests.open_due)

    async def open_reminders(self) -> None:
        """Open the turns of the reminders that are due."""
        await _guarded("reminders", self.due_reminders.open_due)

    async def label_arrived(self) -> None:
        """Label what has arrived where there are rules."""
        await _guarded("rules", self.ruling.label_due)

    async def open_rule_posts(self) -> None:
        """Open the turns of what rules tell, and of their recaps."""
        await _guarded("rules", self.ruling.post_due)

    async def end_consents(self) -> None:
        """End questions that nobody has decided, and go on with what was decided."""
        await _guarded("consents", self.consents.end_due)

    async def embed(self) -> None:
        """Embed what was said since the last time, and what was said before there were any."""
        if self.semantic_index:
            await _guarded("embedding", self.semantic_index.fill)

    async def end_leases(self) -> None:
        """Give back what calls held whose replica is gone, and say that those are lost."""
        await _guarded("leases", self.quotas.reserving.store.drop_old)
        await _guarded("leases", self.forgetting.api_calls.mark_lost)

    async def give_back_memory(self) -> None:
        """Give back what was needed for a moment."""
        give_back_freed_memory()

    async def expire(self) -> None:
        """Forget what was kept for longer than its channel, the settings or limits say."""
        await _guarded("retention", lambda: self.forgetting.expire(self.retention))
        await _guarded("retention", lambda: self.forgetting.file_edits.expire(self.retention))
        await _guarded("retention", lambda: self.forgetting.tool_log.let_go(self.retention))
        removed = self.forget_removed_days
        await _guarded("retention", lambda: self.forgetting.forget_removed(removed))
        await _guarded("retention", self.forgetting.early_edits.drop_old)
        await _guarded("retention", self.forgetting.uploads.drop_old)
        await _guarded("retention", self.due_reminders.reminders.drop_ended)
        await _guarded("retention", self.ruling.drop_old)
        await _guarded("retention", self.consents.deciding.consents.drop_old)
        await _guarded("retention", self.quotas.counters.forget_people)
        days = self.quotas.settings.api_log_days
        await _guarded("retention", lambda: self.forgetting.api_calls.let_go(days))

    async def _repair_all(self) -> None:
        for channel_id in await self.compaction.summaries.dirty_channels():
            await self._compact(self.compaction.repair, channel_id)

    async def _compact_all(self) -> None:
        for channel_id in await self.compaction.find_due():
            await self._compact(self.compaction.compact, channel_id)

    async def _compact(self, step: Callable[[int], Awaitable[int]], channel_id: int) -> None:
        try:
            made = await step(channel_id)
            metrics.compactions.add("made" if made else "nothing")
        except LimitReached as error:
            metrics.compactions.add("waiting")
            log.warning("compaction_waits", channel=channel_id, reason=str(error))
        except ModelError as error:  # its words may quote the prompt
            metrics.compactions.add("failed")
            log.warning("compaction_failed", channel=channel_id, error=type(error).__name__)
        except DatabaseRefuses as error:  # it may take what others need
            metrics.compactions.add("failed")
            log.warning("compaction_failed", channel=channel_id, error=type(error).__name__)
            await self.compaction.postpone(channel_id)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # one channel's trouble is not every channel's
            metrics.compactions.add("failed")
            metrics.job_failures.add("compaction")
            log.error("compaction_failed", channel=channel_id, exc_info=error)
            await self.compaction.postpone(channel_id)


async def _guarded(job: str, work: Callable[[], Awaitable[object]]) -> None:
    """One look at what is due; whatever it meets, the next look comes.

    While the database is away, the next one finds what this one would have.
    """
    try:
        await work()
    except DatabaseUnavailable as error:
        log.warning("job_waits", job=job, reason=str(error))
    except Exception as error:  # a fault of ours
        metrics.job_failures.add(job)
        log.error("job_failed", job=job, exc_info=error)

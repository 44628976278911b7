"""Scheduled digests: each is owed as a turn once its time has come."""

from dataclasses import dataclass

import structlog

from bot.core.acceptance import Acceptance
from bot.domain.errors import CommandError, DatabaseUnavailable
from bot.memory.digests import Digests, build_trigger
from bot.store.schedules import Due
from bot.telemetry import metrics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledDigests:
    """Opens the turns of digests that are due, on the platforms that this replica serves."""

    digests: Digests
    acceptance: Acceptance
    platforms: tuple[str, ...]

    async def open_due(self) -> None:
        """Open the turn of each digest that is due; once, however many replicas look.

        One that cannot be opened is put off for an hour: the others must not wait behind it.
        """
        for due in await self.digests.find_due(list(self.platforms)):
            try:
                await self.acceptance.owe(due.channel_id, build_trigger(due))
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one schedule's trouble is not every schedule's
                _report(due, error)
                await self.digests.postpone(due)
            else:
                await self.digests.advance(due)


def _report(due: Due, error: Exception) -> None:
    metrics.job_failures.add("digests")
    if isinstance(error, CommandError):  # a time zone that has been renamed, say
        fix = "say /digest there with a time zone that is known, or /digest off"
        log.warning("digest_not_understood", channel=due.channel_id, rhythm=due.rhythm, fix=fix)
    else:
        log.error("digest_failed", channel=due.channel_id, exc_info=error)

"""Takeover: the lanes of a replica that died or froze go on here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.lanes import Lanes
from bot.domain.errors import DatabaseUnavailable
from bot.store.turns import Turns
from bot.telemetry import metrics

INTERVAL = 1.0  # seconds between looks for lanes whose replica died
MOST = 20  # lanes taken over in one look

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """Looks for orphans: lanes whose owner has no heartbeat, or whose lease has lapsed."""

    turns: Turns
    lanes: Lanes
    platforms: Sequence[str]
    """Only of these: others cannot be answered here."""

    async def run(self) -> None:
        """Take over orphans, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            if self.lanes.closing or not self.lanes.alive:
                continue
            try:
                await self._take_over()
            except DatabaseUnavailable:
                continue  # the lease renewal logs it
            except Exception as error:  # the next look may succeed
                log.error("orphan_lookup_failed", exc_info=error)

    async def _take_over(self) -> None:
        found = await self.turns.take_over(self.lanes.owner, self.platforms, limit=MOST)
        for lease in found:
            metrics.retries.add("takeover")
            log.warning("lane_taken_over", lane=lease.lane, channel=lease.channel_id)
            self.lanes.resume(lease)

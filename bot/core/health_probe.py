"""Whether a question that is asked now would be answered: database, models, platforms."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.lanes import Lanes
from bot.domain.errors import DatabaseUnavailable
from bot.domain.ports import Adapter
from bot.limits.call_queue import CallQueue
from bot.llm.registry import ModelRegistry
from bot.store.backlog_stats import BacklogStats, backlog_stats
from bot.store.database import Database
from bot.telemetry.health_report import HealthReport


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthProbe:
    """Looks at the parts of this process (bot.telemetry.health_report.HealthProbe)."""

    database: Database
    window_high: int
    lanes: Lanes
    models: ModelRegistry
    call_queue: CallQueue
    adapters: Mapping[str, Adapter]

    async def check(self) -> HealthReport:
        """Look at every part now."""
        stats = await self._stats()
        return HealthReport(
            parts={
                "database": stats is not None and self.lanes.alive,
                **{name: adapter.connected() for name, adapter in self.adapters.items()},
                "model": self.models.is_reachable(),
            },
            models_resting=self.models.open_circuits(),
            lanes={"held": self.lanes.held, "waiting": self.call_queue.waiting},
            open_turns={"waiting": stats.waiting, "running": stats.running} if stats else None,
            compaction_lag=stats.lag if stats else 0,
            files_waiting=stats.files if stats else 0,
        )

    async def _stats(self) -> BacklogStats | None:
        try:
            return await backlog_stats(self.database, high=self.window_high)
        except DatabaseUnavailable:
            return None

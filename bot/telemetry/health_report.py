"""What health checks and metrics show of a running process at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The state of one replica, and of the database that all replicas share."""

    parts: Mapping[str, bool]
    """By part (database, model, each platform), whether it works."""
    models_resting: Mapping[str, bool]
    """By model, whether it failed so often just now that it is left alone for a while."""
    lanes: Mapping[str, int]
    """Lanes that this replica works on ("held"), and questions waiting for a model ("waiting")."""
    open_turns: Mapping[str, int] | None
    """By state, the turns of all replicas that have not ended; None while Postgres is away."""
    compaction_lag: int
    """Window tokens over the mark at which compaction starts, summed over all channels."""
    files_waiting: int = 0
    """Files that are still to be read, of all replicas."""


class HealthProbe(Protocol):
    """Whatever can make such a report."""

    async def check(self) -> HealthReport:
        """Check every part now, for a few seconds at most. Raises nothing."""
        ...

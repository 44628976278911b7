"""What is to happen in a chaos run, and what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos.audit import AuditResult

LEASE = 5.0  # seconds: short, so that many freezes fit; a busy disk stands still for two


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to happen. The same seed gives the same random numbers."""

    seed: int
    seconds: float
    replicas: int = 3
    rate: float = 10.0
    """Messages a second."""
    question_share: float = 1 / 6
    """The share of them that are questions."""
    fault_interval: float = 2.0
    """Seconds between two faults."""
    kinds: tuple[str, ...] = ()
    """The faults there are; all, when none is named."""
    freeze_seconds: tuple[float, float] = (1.2 * LEASE, 3 * LEASE)
    """Seconds that a frozen replica stands still, from and to."""
    slack_only: bool = False
    model_delay: float = 0
    """Seconds before the model's first word."""
    post_delay: float = 0
    """Seconds until the answer to each post of Nellie's comes; the post is there at once."""
    no_history: bool = False
    """Slack does not let Nellie read what was said before."""
    drain_seconds: float = 240
    """Seconds until all must be answered once nothing goes wrong any more."""
    without: str = ""
    """The safeguard that is taken out of the replicas (chaos.safeguards); empty for none."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Variables of the replicas, besides the run's own."""


@dataclass(frozen=True)
class RunResult:
    """What came of a run."""

    plan: Plan
    messages: int
    faults: Mapping[str, int]
    takeovers: Sequence[float]
    changes: int
    """Calls of tools that have changed something."""
    audit: AuditResult
    report: str
    """What was found, what happened around it, and the replicas' logs; empty if all is well."""

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, doubled, out of order, stuck or still remembered."""
        return not self.audit.findings

    def to_json(self) -> str:
        """Its figures, in one line."""
        audit = self.audit
        kinds = ("lost", "doubled", "out_of_order", "stuck", "still_remembered")
        kinds += ("shown_to_others", "introductions")
        return json.dumps(
            {
                "seed": self.plan.seed,
                "messages": self.messages,
                "faults": sum(self.faults.values()),
                **{kind: audit.count(kind) for kind in kinds},
                "p99_ms": _percentile(audit.waits, 99),
                "takeover_ms": [_percentile(self.takeovers, percent) for percent in (50, 90)],
                "answered": audit.answered,
                "answered_with_words": audit.apologies,
                "commands_killed_before_commit": audit.excused,
                "changes": self.changes,
                "by_kind": dict(sorted(self.faults.items())),
            }
        )


def _percentile(seconds: Sequence[float], percent: int) -> int:
    """The milliseconds within which so many of a hundred were; 0 where there were none."""
    return round(1000 * sorted(seconds)[len(seconds) * percent // 100]) if seconds else 0

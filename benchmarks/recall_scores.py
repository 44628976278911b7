"""How well questions were answered by what was shown for them: the figures of benchmarks.recall."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, quantiles


@dataclass(slots=True)
class Scores:
    """How well the questions of a run were answered by what one method shows."""

    shares: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    categories: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    conversations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, share: float, conversation: str, *, whole: bool, category: str = "") -> None:
        """Add what one question got: the share of its answer, and whether that is all of it."""
        self.shares.append(share)
        self.whole.append(whole)
        self.conversations[conversation].append(share)
        if category:
            self.categories[category].append(share)

    @property
    def recall(self) -> dict[str, object]:
        """The shares of what was wanted, in percent."""
        return {
            "mean_recall": _percent(self.shares),
            "all_recall": _percent(self.whole),
            "by_category": _percents(self.categories),
            "by_conversation": _percents(self.conversations),
        }

    @property
    def effort(self) -> dict[str, object]:
        """What it took."""
        return {
            "p95_ms": round(quantiles(self.took, n=20, method="inclusive")[-1] * 1000, 2),
            "mean_tokens": round(mean(self.tokens)),
            "questions": len(self.shares),
        }


def _percents(shares: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: _percent(shares[name]) for name in sorted(shares)}


def _percent(shares: Sequence[float]) -> float:
    return round(100 * mean(shares), 1) if shares else 0.0

"""What is counted while she works: plain numbers in memory, named here once, read by bot.health."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Counter:
    """Numbers that only grow, one for each combination of labels."""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self.values: dict[tuple[str, ...], float] = {}
        COUNTERS.append(self)

    def add(self, *labels: str, by: float = 1) -> None:
        """One more, or so many."""
        self.values[labels] = self.values.get(labels, 0) + by


class Histogram:
    """How long things took, in seconds, by how they are called."""

    def __init__(self, name: str, about: str, label: str) -> None:
        self.name, self.about, self.label = name, about, label
        self.counts: dict[str, list[int]] = {}
        """By label, how many fell below each of SECONDS and not below the one before it."""
        self.sums: dict[str, float] = {}

    def observe(self, label: str, seconds: float) -> None:
        """One took so long."""
        counts = self.counts.setdefault(label, [0] * (len(SECONDS) + 1))
        counts[bisect_left(SECONDS, seconds)] += 1
        self.sums[label] = self.sums.get(label, 0.0) + seconds

    @contextmanager
    def timed(self, label: str) -> Iterator[None]:
        """However the block ends, it took so long."""
        begun = monotonic()
        try:
            yield
        finally:
            self.observe(label, monotonic() - begun)


COUNTERS: list[Counter] = []

turns = Counter("nellie_turns", "Turns that ended.", "platform", "state")
messages = Counter("nellie_messages", "Messages that were new.", "platform")
posts = Counter("nellie_posts", "Posts of answers.", "platform", "outcome")
tokens = Counter("nellie_tokens", "Tokens of model calls.", "purpose", "model", "kind")
model_calls = Counter("nellie_model_calls", "Calls of models.", "model", "outcome")
retries = Counter("nellie_retries", "What was done once more.", "what")
compactions = Counter("nellie_compactions", "Compactions of a channel.", "outcome")
limits = Counter("nellie_limits", "Limits that were reached.", "limit")
flagged_statements = Counter(
    "nellie_flagged_statements", "Statements of summaries that were left out.", "kind"
)
stages = Histogram("nellie_stage_seconds", "Stages of a turn.", "stage")

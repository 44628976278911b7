"""Metrics: plain numbers in memory, each named here once; bot.telemetry.health serves them."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of a histogram's buckets, in seconds."""


class Counter:
    """Numbers that only grow, one for each combination of labels."""

    def __init__(self, name: str, description: str, *labels: str) -> None:
        self.name, self.description, self.labels = name, description, labels
        self.values: dict[tuple[str, ...], float] = {}
        COUNTERS.append(self)

    def add(self, *labels: str, by: float = 1) -> None:
        """Add one, or another amount."""
        self.values[labels] = self.values.get(labels, 0) + by


class Histogram:
    """How long things took, in seconds, by label."""

    def __init__(self, name: str, description: str, label: str) -> None:
        self.name, self.description, self.label = name, description, label
        self.counts: dict[str, list[int]] = {}
        """By label, the count of each bucket alone (not summed up); the last one has no bound."""
        self.sums: dict[str, float] = {}
        HISTOGRAMS.append(self)

    def observe(self, label: str, seconds: float) -> None:
        """Count one duration."""
        counts = self.counts.setdefault(label, [0] * (len(BUCKETS) + 1))
        counts[bisect_left(BUCKETS, seconds)] += 1
        self.sums[label] = self.sums.get(label, 0.0) + seconds

    @contextmanager
    def time(self, label: str) -> Iterator[None]:
        """Count how long the block takes, however it ends."""
        started = monotonic()
        try:
            yield
        finally:
            self.observe(label, monotonic() - started)


COUNTERS: list[Counter] = []
HISTOGRAMS: list[Histogram] = []

MOST_TOOLS = 200
_tools: set[str] = set()


def of_tool(name: str) -> str:
    """The label of a tool: servers may name theirs anew for ever, and labels stay."""
    if len(_tools) < MOST_TOOLS:
        _tools.add(name)
    return name if name in _tools else "other"


turns = Counter("nellie_turns", "Turns that ended.", "platform", "state")
messages = Counter("nellie_messages", "Messages that were new.", "platform")
posts = Counter("nellie_posts", "Posts of answers.", "platform", "outcome")
tokens = Counter("nellie_tokens", "Tokens of model calls.", "purpose", "model", "kind")
tool_calls = Counter("nellie_tool_calls", "Calls of tools.", "tool", "outcome")
model_calls = Counter("nellie_model_calls", "Calls of models.", "model", "outcome")
retries = Counter("nellie_retries", "What was tried again.", "what")
compactions = Counter("nellie_compactions", "Compactions of a channel.", "outcome")
job_failures = Counter(
    "nellie_job_failures", "What a job could not do, for a channel or at all.", "job"
)
pictures = Counter("nellie_pictures", "Pictures of questions.", "outcome")
limits = Counter("nellie_limits", "Limits that were reached.", "limit")
api_calls = Counter("nellie_api_calls", "Calls of the API.", "kind", "status")
api_tokens = Counter("nellie_api_tokens", "Tokens of calls of the API.", "model", "kind")
api_saved = Counter(
    "nellie_api_saved_tokens", "Tokens that calls of the API did not have to use.", "saved"
)
flagged_statements = Counter(
    "nellie_flagged_statements", "Statements of summaries that were left out.", "kind"
)
files = Counter("nellie_files", "Files that were claimed to be read.", "outcome")
citations = Counter("nellie_citations", "Citations of documents in answers.", "kind")
rule_messages = Counter("nellie_rule_messages", "Messages that rules have passed.", "outcome")
rule_tells = Counter("nellie_rule_tells", "Posts of rules.", "outcome")
rule_failures = Counter("nellie_rule_failures", "Looks at a rule that came to nothing.", "reason")
stages = Histogram("nellie_stage_seconds", "Stages of a turn.", "stage")
tool_seconds = Histogram("nellie_tool_seconds", "Calls of tools.", "tool")
file_seconds = Histogram("nellie_file_seconds", "Steps of reading a file.", "step")
rule_seconds = Histogram("nellie_rule_seconds", "From a message to its label.", "step")

"""Of one answer: what the prompt and the time were made of, as bars that a template draws; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.answer_trace import AnswerTrace, PromptPart, RecallScore

WIDTH = 100  # of a whole bar, in its own units
LEAST = 0.5  # of what is there at all, so that it is seen

_PARTS: Mapping[PromptPart, str] = {
    "instructions": "Who she is, and her rules",
    "digest": "Summary of what is older",
    "window": "What was said lately",
    "sent": "What a program said was said before",
    "conversation": "The conversation that it belongs to",
    "recalled": "What was recalled",
    "passages": "Parts of documents",
    "question": "The question",
    "pictures": "Pictures",
    "begun": "The answer so far",
    "tools": "What tools say of themselves",
    "results": "What tools were asked and said",
}
_STABLE = ("instructions", "digest", "window")
"""What prompts of a channel begin with, one like the other: from here a cache may serve it."""


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a table of bars."""

    label: str
    amount: int
    part: float
    """Of the whole: 0 to 1."""
    kind: str

    @property
    def width(self) -> float:
        """Of its bar."""
        return round(max(LEAST if self.amount else 0, WIDTH * self.part), 1)

    @property
    def percent(self) -> str:
        """Of the whole, for people."""
        return "under 1 %" if 0 < self.part < 0.01 else f"{100 * self.part:.0f} %"


def parts_of(trace: AnswerTrace) -> Sequence[Share]:
    """The prompt, from its beginning on."""
    whole = sum(trace.parts.values())
    known = [(name, label) for name, label in _PARTS.items() if name in trace.parts]
    return [
        Share(label, trace.parts[name], trace.parts[name] / max(1, whole), _kind(name))
        for name, label in known
    ]


def times_of(trace: AnswerTrace) -> Sequence[Share]:
    """Where the time went, in milliseconds; together, all of it."""
    stages = trace.stages
    memory = max(0, stages.get("gather", 0) - stages.get("recall", 0))
    taken = [
        ("Waited for others' questions", trace.waited_ms + stages.get("queue", 0), "other"),
        ("Waited for files to be read", stages.get("files", 0), "other"),
        ("Searched memory", stages.get("recall", 0), "fresh"),
        ("Read the rest of memory", memory, "fresh"),
        ("Fetched pictures", stages.get("pictures", 0), "fresh"),
        ("Models", stages.get("model", 0), "output"),
        ("Tools", stages.get("tools", 0), "written"),
        ("Sent the last words", stages.get("deliver", 0), "cached"),
    ]
    rest = trace.whole_ms - sum(amount for _, amount, _ in taken)
    taken.append(("Everything else", max(0, rest), "other"))
    whole = max(1, sum(amount for _, amount, _ in taken))
    return [Share(label, amount, amount / whole, kind) for label, amount, kind in taken if amount]


def score_bars(score: RecallScore, best: float) -> Sequence[tuple[str, float, float]]:
    """(kind, where it begins, width) of what speaks for a message, measured by the best one."""
    bars, begins = [], 0.0
    signals = (("fresh", score.words), ("output", score.meaning), ("written", score.conversation))
    for kind, value in signals:
        width = round(WIDTH * max(0.0, value) / best, 1) if best > 0 else 0.0
        if width:
            bars.append((kind, round(begins, 1), width))
        begins += width
    return bars


def _kind(name: str) -> str:
    return "cached" if name in _STABLE else "fresh"

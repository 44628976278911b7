"""How many labels are right, with intervals; of what was abstained nothing is right; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.compare.intervals import Figure, share

Given = Sequence[str | None]
"""What texts were sorted into; None where it abstained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What came of some texts."""

    texts: int
    accuracy: Figure
    macro_f1: float
    """The mean of each label's F1: one that is rare counts like one that is not."""
    abstained: Figure

    def __str__(self) -> str:
        right, none = _percent(self.accuracy), _percent(self.abstained)
        return f"right {right}, macro F1 {self.macro_f1:.2f}, abstained {none}"


def score(labels: Sequence[str], true: Sequence[str], given: Given) -> Scores:
    """What was given against what is true."""
    pairs = list(zip(true, given, strict=True))
    return Scores(
        texts=len(pairs),
        accuracy=share(sum(a == b for a, b in pairs), len(pairs)),
        macro_f1=_macro_f1(labels, pairs),
        abstained=share(sum(one is None for one in given), len(pairs)),
    )


def _macro_f1(labels: Sequence[str], pairs: Sequence[tuple[str, str | None]]) -> float:
    """Of the labels that some text has, or was given."""
    right = Counter(a for a, b in pairs if a == b)
    seen = Counter(one for pair in pairs for one in pair if one is not None)
    found = [2 * right[one] / seen[one] for one in labels if seen[one]]
    return sum(found) / len(found) if found else 0.0


def _percent(figure: Figure) -> str:
    low, high = figure.low or 0.0, figure.high or 0.0
    return f"{figure.value * 100:.1f} % ({low * 100:.1f} to {high * 100:.1f})"

"""Labels that people give, and examples of them; pure."""

import re
from dataclasses import dataclass

from bot.domain.errors import CommandError

MOST_LABELS, LONGEST_LABEL = 100, 60
LONGEST_LIST = 8_000  # characters
SHOWN = 40  # characters of what was wrong that are quoted
QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」"}
QUOTED = "|".join(f"{a}[^{b}]*{b}" for a, b in QUOTES.items())
"""A pattern of what stands in quotes."""

_PART = re.compile(
    rf"\s*(?P<quoted>{QUOTED})\s*(?:[,，、،]|\Z)|(?P<bare>[^,，、،]*)(?:[,，、،]|\Z)"
)


@dataclass(frozen=True, slots=True)
class LabelExample:
    """A text that somebody has sorted."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What texts are sorted into."""

    labels: tuple[str, ...]
    examples: tuple[LabelExample, ...] = ()
    name: str = ""
    """Of one that a channel keeps."""


def parse_labels(text: str) -> tuple[str, ...]:
    """Read `bug, praise, "a, b"`. Raises CommandError."""
    if len(text) > LONGEST_LIST:
        _refuse(f"I sort into at most {MOST_LABELS} labels at once; this list is too long.")
    labels = tuple(label for label in map(_label, _PART.finditer(text)) if label)
    for label in labels:
        if len(label) > LONGEST_LABEL:
            _refuse(f"A label has at most {LONGEST_LABEL} characters, not {len(label):,}.")
    if len(labels) < 2:
        _refuse("Give at least two labels, with commas between them: bug, praise, question.")
    if len(labels) > MOST_LABELS:
        _refuse(f"I sort into at most {MOST_LABELS} labels at once; these are {len(labels):,}.")
    seen = set[str]()
    for label in labels:
        if fold_label(label) in seen:
            _refuse(f'The label "{short(label)}" stands there twice.')
        seen.add(fold_label(label))
    return labels


def fold_label(label: str) -> str:
    """The same for labels that differ in capitals, in spaces, or in what nobody sees."""
    return " ".join(label.replace("\u200b", "").split()).casefold()


def find_label(labels: tuple[str, ...], wanted: str) -> str | None:
    """The label of this name, however it is written; None where none has it."""
    folded = fold_label(wanted)
    return next((one for one in labels if fold_label(one) == folded), None)


def unquoted(text: str) -> str:
    """What stands between quotes that hold all of a text; any other text stays."""
    text = text.strip()
    is_quoted = len(text) > 1 and QUOTES.get(text[0]) == text[-1]
    return text[1:-1].strip() if is_quoted else text


def short(text: str) -> str:
    """As much of it as an error quotes."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _label(part: re.Match[str]) -> str:
    return " ".join(unquoted(part["quoted"] or part["bare"] or "").split())


def _refuse(reason: str) -> None:
    raise CommandError(reason=reason)

"""Labels that people give, and examples of them; pure."""

from dataclasses import dataclass

from bot.domain.errors import CommandError
from bot.text.quoted import split_unquoted, unquoted
from bot.text.words import fold_label as fold_label

MOST_LABELS, LONGEST_LABEL = 100, 60
LONGEST_LIST = 8_000  # characters
SHOWN = 40  # characters of what was wrong that are quoted
COMMAS = ",，、،"


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


def parse_labels(text: str, *, not_kept: bool = False) -> tuple[str, ...]:
    """Read `bug, praise, "a, b"`. Raises CommandError.

    `not_kept`: one word may have been meant as a name under which labels are kept, and none are.
    """
    if len(text) > LONGEST_LIST:
        _refuse(f"I sort into at most {MOST_LABELS} labels at once; this list is too long.")
    parts = split_unquoted(text, COMMAS, LONGEST_LIST)
    labels = tuple(" ".join(unquoted(part).split()) for part in parts if part.strip())
    for label in labels:
        _check(label)
    if len(labels) < 2:
        kept = f' No labels are kept here as "{short(labels[0])}".' if not_kept and labels else ""
        _refuse(f"Give at least two labels, with commas between them: bug, praise, question.{kept}")
    if len(labels) > MOST_LABELS:
        _refuse(f"I sort into at most {MOST_LABELS} labels at once; these are {len(labels):,}.")
    seen = set[str]()
    for label in labels:
        if fold_label(label) in seen:
            _refuse(f'The label "{short(label)}" stands there twice.')
        seen.add(fold_label(label))
    return labels


def _check(label: str) -> None:
    if not fold_label(label):
        _refuse('One of these labels is empty: "".')
    if len(label) > LONGEST_LABEL:
        _refuse(f"A label has at most {LONGEST_LABEL} characters, not {len(label):,}.")


def find_label(labels: tuple[str, ...], wanted: str) -> str | None:
    """The label of this name, however it is written; None where none has it."""
    folded = fold_label(wanted)
    return next((one for one in labels if fold_label(one) == folded), None)


def short(text: str) -> str:
    """As much of it as an error quotes."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _refuse(reason: str) -> None:
    raise CommandError(reason=reason)

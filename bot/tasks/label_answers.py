"""What a model answers of labels, checked: nothing is one that is not in the list; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.prompting.task_prompts import abstaining
from bot.tasks.json_answers import read_object
from bot.tasks.labels import find_label, short


@dataclass(frozen=True, slots=True)
class Labelled:
    """What one text was sorted into."""

    label: str | None
    """None: it abstained."""
    confidence: float
    """From 0 to 1, as the model says; 0 where it does not say."""
    unreadable: bool = False
    """It abstained because the model's answers could not be read."""
    clipped: bool = False
    """Only the beginning of the text was read."""


PERCENT, TWO_PERCENT = 100, 2
UNREADABLE = Labelled(None, 0.0, unreadable=True)


class LabelAnswers:
    """The answers about some texts; what could be read of a bad one is kept."""

    def __init__(self, labels: Sequence[str], texts: int) -> None:
        self.found = [UNREADABLE] * texts
        self._choices = (*labels, abstaining(labels))

    def read(self, answer: str) -> list[Labelled]:
        """One for each text. Raises ValueError, with what is wrong."""
        said, wrong = read_object(answer), ""
        for number in range(len(self.found)):
            one = said if len(self.found) == 1 else said.get(str(number + 1))
            try:
                self.found[number] = self._read(one)
            except ValueError as error:
                wrong = wrong or (
                    f"of text {number + 1}, {error}" if len(self.found) > 1 else str(error)
                )
        if wrong:
            raise ValueError(wrong)
        return self.found

    def _read(self, one: Any) -> Labelled:
        label = one.get("label") if isinstance(one, dict) else None
        if not isinstance(label, str):
            raise ValueError("there is no label")
        known = find_label(self._choices, label)
        if known is None:
            raise ValueError(f'"{short(label)}" is none of the labels')
        confidence = read_confidence(one.get("confidence"))
        return Labelled(None if known == self._choices[-1] else known, confidence)


def read_confidence(value: Any) -> float:
    """From 0 to 1, also where it was said in percent; 0 where it is no such number.

    Small models count on beyond 1. Their label is as good as it is without.
    """
    try:
        number = float(str(value).strip().removesuffix("%"))
    except ValueError:
        return 0.0
    if isinstance(value, bool) or not 0 <= number <= PERCENT:  # of NaN, neither holds
        return 0.0
    return min(abs(number), 1.0) if number < TWO_PERCENT else number / PERCENT  # of -0.0, 0.0

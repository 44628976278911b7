"""What a model has to be better than: the commonest label, VADER, and counted words."""

import importlib.util
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.tasks.labelled_sets import LabelledSet, LabelledText
from bot.tasks.sentiment import SENTIMENTS

_WORD = re.compile(r"\w+|[!?$%]|[:;]-?[()DP]")
CLEAR = 0.05  # VADER's own threshold between neutral and not


def commonest(labelled: LabelledSet) -> list[str | None]:
    """One label for all: the commonest of the other texts."""
    [(label, _)] = Counter(one.label for one in labelled.others).most_common(1)
    return [label] * len(labelled.texts)


def by_vader(labelled: LabelledSet, folder: Path) -> list[str | None] | None:
    """What VADER (MIT) says of them; None of a set that is not about sentiments."""
    if not set(labelled.labels) <= set(SENTIMENTS.labels):
        return None
    vader = _load_vader(folder / "vaderSentiment.py")
    found = [vader.polarity_scores(one.text)["compound"] for one in labelled.texts]
    return [one if one in labelled.labels else None for one in map(_sentiment, found)]


def _sentiment(compound: float) -> str:
    positive, neutral, negative = SENTIMENTS.labels
    if abs(compound) < CLEAR:
        return neutral
    return positive if compound > 0 else negative


def _load_vader(path: Path) -> Any:
    """Its analyzer, from the files that were fetched."""
    spec = importlib.util.spec_from_file_location("vaderSentiment", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SentimentIntensityAnalyzer()


class WordCounts:
    """Naive Bayes: which words stand in texts of which label."""

    def __init__(self, texts: Sequence[LabelledText]) -> None:
        self._labels = Counter(one.label for one in texts)
        self._words = {label: Counter[str]() for label in self._labels}
        for one in texts:
            self._words[one.label].update(words_of(one.text))
        self._known = len(set().union(*self._words.values()))

    def label(self, text: str) -> str:
        """The likeliest label of a text."""
        words = words_of(text)
        return max(sorted(self._labels), key=lambda label: self._likelihood(label, words))

    def _likelihood(self, label: str, words: set[str]) -> float:
        counts = self._words[label]
        total = counts.total() + self._known
        prior = math.log(self._labels[label] / self._labels.total())
        return prior + sum(math.log((counts[word] + 1) / total) for word in words)


def words_of(text: str) -> set[str]:
    """Its words, each once."""
    return set(_WORD.findall(text.casefold()))

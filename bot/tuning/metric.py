"""How good an answer is, from 0 to 1: what prompts are tuned for; pure.

Four things are looked at, each from 0 to 1, and those that apply to an example count by their
weights:

- agrees (0.4): what was expected stands there; else how many words it shares with an answer that
  people found good, or does not share with one that they found bad.
- grounded (0.25): numbers, dates, links and code stand in what was said (bot.memory.grounding),
  and it names a person whose message it rests on, or cites a link or a file.
- honest (0.25): where nobody could know, it says so; where the answer is there, it does not.
- length (0.1): as long as good answers are, or at most TYPICAL words where none is known.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import fmean, median

from bot.language.admissions import admits
from bot.language.agreement import agreement, is_long, overlap
from bot.language.folding import fold
from bot.memory.grounding import Evidence
from bot.prompting.message_line import display_name
from bot.text.citations import take_marks
from bot.text.plurals import counted
from bot.tuning.examples import Example

WEIGHTS: Mapping[str, float] = {"agrees": 0.4, "grounded": 0.25, "honest": 0.25, "length": 0.1}
NAMED = 0.3
"""What naming a source is of being grounded."""
TYPICAL = 60  # words
LINES = 40  # of an answer that are looked at
LONGEST = 8_000  # characters, likewise

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Scored:
    """What an answer is worth."""

    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What is wrong with it, for a model that makes prompts better."""
    failed: str = ""
    """Why there is no score, which then is 0."""


Metric = Callable[[Example, str], Scored]


class AnswerMetric:
    """The metric above; it learns from examples how long good answers are."""

    def __init__(self, examples: Sequence[Example]) -> None:
        lengths = [_words(text) for one in examples for text in one.good if is_long(text)]
        self._typical = round(median(lengths)) if lengths else None
        self._evidence: dict[str, Evidence] = {}

    def __call__(self, example: Example, answer: str) -> Scored:
        """What this answer to it is worth."""
        answer = answer[:LONGEST]
        if not answer.strip():
            return Scored(0.0, {}, ("There was no answer.",))
        notes: list[str] = []
        found = {
            "agrees": _agrees(example, answer, notes),
            "grounded": self._grounded(example, answer, notes),
            "honest": _honest(example, answer, notes),
            "length": self._length(example, answer, notes),
        }
        parts = {name: score for name, score in found.items() if score is not None}
        weight = sum(WEIGHTS[name] for name in parts)
        score = sum(WEIGHTS[name] * value for name, value in parts.items()) / weight
        return Scored(score, parts, tuple(notes))

    def _grounded(self, example: Example, answer: str, notes: list[str]) -> float | None:
        if example.is_unknown or not (example.said or example.recalled):
            return None
        evidence = self._evidence.get(example.name) or Evidence.from_messages(example.messages)
        self._evidence[example.name] = evidence
        text, marks = take_marks(answer)
        links = [one.link for one in example.messages if one.link and one.link in text]
        for link in links:  # it is of a message, and stands in none
            text = text.replace(link, "")
        lines = [line for line in _SENTENCE_END.split(text) if line.strip()][:LINES]
        found = [evidence.find_unfounded(line, example.messages) for line in lines]
        unfounded = [kind if kind != "name" else None for kind in found]  # of summaries' lines
        notes += [f"It holds a {kind} that nobody said." for kind in {*unfounded} if kind]
        named = bool(marks or links) or _names_a_person(example, text)
        if not named:
            notes.append("It does not name who said what it rests on.")
        founded = fmean(kind is None for kind in unfounded) if unfounded else 0.0
        return (1 - NAMED) * founded + NAMED * named

    def _length(self, example: Example, answer: str, notes: list[str]) -> float:
        words = max(1, _words(answer))
        good = [_words(text) for text in example.good if is_long(text)]
        wanted = good[0] if good else self._typical
        if wanted is None:
            score = min(1.0, TYPICAL / words)
        else:
            score = min(words, wanted) / max(words, wanted)
        if score < 0.5:
            usual = wanted or TYPICAL
            notes.append(f"It has {counted(words, 'word')}; about {usual:,} would do.")
        return score


def guarded(metric: Metric) -> Metric:
    """The same, but what it raises, or a score that is none, is a 0 that says why."""

    def score(example: Example, answer: str) -> Scored:
        try:
            scored = metric(example, answer)
            is_one = isfinite(scored.score) and 0 <= scored.score <= 1
        except Exception as error:  # whatever a metric does: one answer is not worth a whole run
            return _failed(f"{type(error).__name__} at {example.name}")
        if not is_one:
            return _failed(f"a score of {scored.score} at {example.name}")
        return scored

    return score


def _failed(reason: str) -> Scored:
    return Scored(0.0, {}, (), reason)


def _agrees(example: Example, answer: str, notes: list[str]) -> float | None:
    if example.is_unknown:
        return None  # that is honesty
    if example.good:
        score = agreement(answer, example.good) or 0.0
        score = max(score, *(overlap(answer, one) for one in example.good))
        if score < 0.5:
            notes.append(f"Expected: {example.good[0][:300]}")
        return score
    if example.bad:
        alike = overlap(answer, example.bad)
        if alike > 0.5:
            notes.append("It is much like an answer that people found bad.")
        return 1 - alike
    return None


def _honest(example: Example, answer: str, notes: list[str]) -> float | None:
    if not example.good:
        return None
    admitted = admits(answer)
    if example.is_unknown:
        if not admitted:
            notes.append("Nobody said that: it should have said that it does not know.")
        return float(admitted)
    if admitted and not agreement(answer, example.good):
        notes.append("It says that it does not know, and the answer is there.")
        return 0.0
    return 1.0


def _names_a_person(example: Example, text: str) -> bool:
    folded = fold(text)
    names = {fold(display_name(one)) for one in (*example.said, *example.recalled)}
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) for name in names if name)


def _words(text: str) -> int:
    return len(text.split())

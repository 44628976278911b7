"""A search for better texts, within a budget of answers: what was tried, and what did best."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from bot.domain.errors import ModelError
from bot.tuning.examples import Example
from bot.tuning.leaks import Said
from bot.tuning.metric import Scored
from bot.tuning.parts import Part, Texts, refuse
from bot.tuning.trying import Tried, Trying

FAILURES = 8  # answers in a row that a model did not give: it is asked nothing more

Progress = Callable[[int, int], None]
"""Hears how many answers of how many were made."""


class BudgetSpent(Exception):
    """The next answers would be more than were allowed."""


class ModelGaveUp(ModelError):
    """A model fails again and again. Details: reason."""

    text = "The model answers nothing any more: {reason}"


@dataclass(frozen=True, slots=True)
class Validated:
    """Texts, and how they did on the whole validation split."""

    texts: Texts
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Which is optimistic for the best of many."""
        return fmean(self.scores)


@dataclass(slots=True, kw_only=True)
class Search:
    """What a search may ask, and what it has found."""

    trying: Trying
    seeds: Texts
    validation: Sequence[Example]
    budget: int
    said: Said
    progress: Progress
    spent: int = 0
    validated: list[Validated] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """Why texts were not tried, and how often."""
    metric_failures: Counter[str] = field(default_factory=Counter)
    _failed: int = 0

    @property
    def best(self) -> Validated | None:
        """The best on the validation split; of equals the first, which is what holds today."""
        return max(self.validated, key=lambda one: one.mean, default=None)

    @property
    def names(self) -> set[str]:
        """Of the validation split."""
        return {one.name for one in self.validation}

    async def evaluate(
        self, candidate: Mapping[str, str], examples: Sequence[Example]
    ) -> list[Tried]:
        """Try texts on examples. Raises BudgetSpent and ModelGaveUp.

        What no prompt may hold is a 0 that costs nothing.
        """
        texts = self.whole(candidate)
        if reason := self.refusal(candidate):
            self.refused[reason] += 1
            return [Tried(one, "", Scored(0.0, {}, (reason,))) for one in examples]
        if self.spent + len(examples) > self.budget:
            raise BudgetSpent
        self.spent += len(examples)
        done = self.spent - len(examples)

        async def answer(example: Example) -> Tried:
            nonlocal done
            tried = await self.trying.run(texts, example)
            done += 1
            self.progress(done, self.budget)
            return tried

        tried = list(await asyncio.gather(*map(answer, examples)))
        self._count(tried)
        if {one.name for one in examples} == self.names:
            self.validated.append(Validated(texts, tuple(one.scored.score for one in tried)))
        return tried

    def whole(self, candidate: Mapping[str, str]) -> dict[Part, str]:
        """All parts, those that are not tuned as they are."""
        return {part: candidate.get(part, text) for part, text in self.seeds.items()}

    def refusal(self, candidate: Mapping[str, str]) -> str:
        """Why these texts are not tried; empty where they are."""
        for part, text in self.whole(candidate).items():
            if text == self.seeds[part]:
                continue
            if reason := refuse(part, text) or self.said.find_in(text):
                return reason
        return ""

    def _count(self, tried: Sequence[Tried]) -> None:
        self.metric_failures.update(one.scored.failed for one in tried if one.scored.failed)
        errors = [one.error for one in tried if one.error]
        self._failed = self._failed + len(errors) if len(errors) == len(tried) else 0
        if errors and self._failed >= FAILURES:
            raise ModelGaveUp(reason=errors[0])

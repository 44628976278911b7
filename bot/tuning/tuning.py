"""One run: a search, its control, and both measured once on what neither has seen."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.errors import ModelError
from bot.text.sanitize import clean
from bot.tuning.examples import Example, Splits
from bot.tuning.leaks import Said
from bot.tuning.parts import Part, Texts
from bot.tuning.reflecting import Reflect, search_by_reflecting
from bot.tuning.rewriting import search_at_random
from bot.tuning.search import ModelGaveUp, Search, Validated
from bot.tuning.trying import Tried, Trying

Progress = Callable[[str, int, int], None]
"""Hears what is being done, and how much of how much."""

SEARCHING = "asking with better texts"
CONTROL = "asking with the same texts in other words"
UNTOUCHED = "asking what none has seen"


@dataclass(slots=True)
class Outcome:
    """What a run has come to, so far."""

    before: Validated | None = None
    tuned: Validated | None = None
    """The best that was found; None where nothing did better than what holds today."""
    control: Validated | None = None
    untouched: dict[str, list[Tried]] = field(default_factory=dict)
    """Of the untouched split, the answers "before", "tuned" and of the "control"."""
    answers: int = 0
    """Of the search; the control had as many to spend."""
    control_answers: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    metric_failures: Counter[str] = field(default_factory=Counter)
    ended_early: str = ""
    """Why, for people."""
    finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Everything that a run is made of."""

    splits: Splits
    seeds: Texts
    parts: Sequence[Part]
    trying: Trying
    reflect: Reflect
    budget: int
    seed: int
    progress: Progress
    outcome: Outcome = field(default_factory=Outcome)
    """Whoever breaks it off finds there what was found."""

    async def run(self) -> Outcome:
        """Search, control, and the untouched split. A model that fails ends what it is for."""
        said = Said.of(
            (message for one in self.splits.all for message in one.messages),
            ours=self.seeds.values(),
        )
        search = self._search(SEARCHING, said)
        try:
            await search_by_reflecting(
                search, self.splits.train, self.parts, self.reflect, self.seed
            )
        except ModelError as error:
            if not search.validated:
                raise
            self.outcome.ended_early = clean(str(error))
            if isinstance(error, ModelGaveUp):
                return self.outcome
        finally:
            self._found(search)
        try:
            if self.outcome.tuned and self.outcome.before:
                await self._control(said, self.outcome.before)
                await self._measure(self.outcome.before, self.outcome.tuned)
            self.outcome.finished = True
        except ModelGaveUp as error:
            self.outcome.ended_early = clean(str(error))
        return self.outcome

    def _search(self, title: str, said: Said) -> Search:
        return Search(
            trying=self.trying,
            seeds=self.seeds,
            validation=self.splits.validation,
            budget=self.budget,
            said=said,
            progress=lambda done, of: self.progress(title, done, of),
        )

    def _found(self, search: Search) -> None:
        outcome, best = self.outcome, search.best
        outcome.before = next(iter(search.validated), None)
        if best is not outcome.before:
            outcome.tuned = best
        outcome.answers = search.spent
        outcome.refused.update(search.refused)
        outcome.metric_failures.update(search.metric_failures)

    async def _control(self, said: Said, before: Validated) -> None:
        search = self._search(CONTROL, said)
        try:
            await search_at_random(search, before, self.parts, self.reflect, self.seed)
        finally:
            self.outcome.control_answers = search.spent
            self.outcome.metric_failures.update(search.metric_failures)
            if search.best is not before:
                self.outcome.control = search.best

    async def _measure(self, before: Validated, tuned: Validated) -> None:
        """Each answers the untouched split once. Where no rewrite did better, that is as before.

        Raises ModelGaveUp.
        """
        chosen = {"before": before, "tuned": tuned, "control": self.outcome.control}
        asked = [(name, found) for name, found in chosen.items() if found]
        examples = self.splits.untouched
        done, of = 0, len(asked) * len(examples)

        async def answer(found: Validated, example: Example) -> Tried:
            nonlocal done
            tried = await self.trying.run(found.texts, example)
            done += 1
            self.progress(UNTOUCHED, done, of)
            return tried

        measured: dict[str, list[Tried]] = {}
        for name, found in asked:
            tried = await asyncio.gather(*(answer(found, one) for one in examples))
            errors = [one.error for one in tried if one.error]
            if 2 * len(errors) > len(tried):  # then it says nothing about texts
                raise ModelGaveUp(reason=errors[0])
            measured[name] = list(tried)
            self.outcome.metric_failures.update(
                one.scored.failed for one in tried if one.scored.failed
            )
        self.outcome.untouched = {"control": measured["before"], **measured}

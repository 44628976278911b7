"""A run for people: what changed in the texts, what that is worth, and what it cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cli.compare.numbers import hundredths, money, told
from bot.cli.tables import align, is_wider, wrap
from bot.cli.tune.changes import changes
from bot.cli.tune.figures import (
    NOTHING_FOUND,
    NOTHING_SO_FAR,
    PriceOf,
    by_part,
    cost_of,
    cost_of_an_answer,
    difference,
    mean_of,
    scores,
    verdict,
)
from bot.domain.model import Usage
from bot.prompting.budget import Budget
from bot.prompting.prompt import build_system_text
from bot.text.plurals import counted
from bot.text.tokens import estimate
from bot.tuning.parts import Part
from bot.tuning.trying import Tried
from bot.tuning.tuning import Outcome

NAMES = ("before", "tuned", "control")
MEANING = (
    "Means on the untouched examples, from 0 to 1. In brackets: 95 % intervals, Wilson's where each"
    " is right or wrong, else bootstrapped."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run that has ended, or was broken off."""

    outcome: Outcome
    parts: Sequence[Part]
    budget: Budget
    price_of: PriceOf
    used: Sequence[Usage]

    def lines(self, columns: int) -> Iterator[str]:
        """All that is told, on a terminal that is so wide."""
        outcome = self.outcome
        if outcome.before and outcome.tuned:
            yield from changes(outcome.before.texts, outcome.tuned.texts, columns)
            yield ""
        if outcome.untouched:
            yield _table(list(self._rows(outcome.untouched)), columns)
        for line in self._sentences():
            yield wrap(line, columns)

    def _sentences(self) -> Iterator[str]:
        outcome = self.outcome
        if outcome.untouched:
            yield MEANING
            yield ""
            yield from self._differences(outcome.untouched)
        elif outcome.tuned and outcome.before:
            means = f"{outcome.before.mean:.2f} before, {outcome.tuned.mean:.2f} now"
            yield f"Not measured on the untouched examples. Where it was chosen: {means}."
        elif outcome.before:
            found = NOTHING_FOUND if outcome.finished else NOTHING_SO_FAR
            yield f"Score where texts are chosen: {outcome.before.mean:.2f}. {found}"
        yield from self._notes()

    def _rows(self, untouched: Mapping[str, Sequence[Tried]]) -> Iterator[tuple[str, ...]]:
        tried = [untouched[name] for name in NAMES]
        yield "score", *(told(mean_of(scores(one)), hundredths) for one in tried)
        parts = [by_part(one) for one in tried]
        for name in parts[0]:
            yield f"  {name}", *(told(one.get(name), hundredths) for one in parts)
        yield "tokens of these texts", *(f"{self._tokens(name):,}" for name in NAMES)
        costs = [cost_of_an_answer(one, self.price_of) for one in tried]
        yield "cost of an answer", *(told(one, money) for one in costs)

    def _tokens(self, name: str) -> int:
        """What every prompt holds of them."""
        outcome = self.outcome
        found = {"before": outcome.before, "tuned": outcome.tuned, "control": outcome.control}
        texts = (found[name] or outcome.before or outcome.tuned).texts  # type: ignore[union-attr]
        system = build_system_text(texts["persona"], self.budget, texts["rules"])
        return estimate(system) + (estimate(texts["summary"]) if "summary" in self.parts else 0)

    def _differences(self, untouched: Mapping[str, Sequence[Tried]]) -> Iterator[str]:
        gained = difference(untouched["tuned"], untouched["before"])
        yield f"Tuned against before, example by example: {told(gained, _signed)}"
        if self.outcome.control:
            more = difference(untouched["tuned"], untouched["control"])
            yield f"Tuned against the control: {told(more, _signed)}"
        else:
            yield "The control found nothing better than what you have."
        yield verdict(untouched)

    def _notes(self) -> Iterator[str]:
        outcome = self.outcome
        if outcome.ended_early:
            yield f"It ended early: {outcome.ended_early}"
        failed = {id(one) for tried in outcome.untouched.values() for one in tried if one.error}
        if failed:
            yield f"Not answered, which counts as 0: {counted(len(failed), 'untouched question')}"
        for reason, count in outcome.refused.most_common():
            yield f"Not tried: {counted(count, 'text')} ({reason})"
        for reason, count in outcome.metric_failures.most_common(5):
            yield f"The metric failed, which counts as 0: {counted(count, 'time')} ({reason})"
        cost = cost_of(self.used, self.price_of)
        tokens = sum(one.input + one.output for one in self.used)
        spent = f"{outcome.answers:,} answers for the search, {outcome.control_answers:,} control"
        yield f"Used: {spent}; {tokens:,} tokens{f', {money(cost)}' if cost is not None else ''}."


def _table(rows: Sequence[tuple[str, ...]], columns: int) -> str:
    """A column a text, or a paragraph a row where the terminal is narrow."""
    table = align([("", *map(str.upper, NAMES)), *rows])
    return "\n".join(map(_block, rows)) if is_wider(table, columns) else table


def _block(row: tuple[str, ...]) -> str:
    title, *cells = row
    told_of = zip(NAMES, cells, strict=True)
    return "\n".join([title.strip(), *(f"  {name:8} {cell}" for name, cell in told_of)])


def _signed(value: float) -> str:
    return f"{value:+.2f}"

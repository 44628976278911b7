"""A search for better prompts with a model whose best prompt is known."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import pytest
from doubles import tunable_model
from doubles.tunable_model import BE_HONEST, NAME_IT

from bot.cli.compare.prompts import parse_prompts
from bot.cli.tune.figures import (
    AS_LUCKY,
    BETTER,
    NO_BETTER,
    difference,
    is_above_zero,
    scores,
    verdict,
)
from bot.cli.tune.material import _examples
from bot.config.settings import Settings
from bot.domain.errors import ModelTimeout, NeedsModel
from bot.domain.model import Prompt
from bot.prompting.budget import Budget
from bot.tuning.asking import Ask, Said
from bot.tuning.examples import Example, Splits, split
from bot.tuning.metric import AnswerMetric, Metric, Scored, guarded
from bot.tuning.parts import seeds
from bot.tuning.requests import as_prompt
from bot.tuning.search import FAILURES, ModelGaveUp
from bot.tuning.trying import Tried, Trying
from bot.tuning.tuning import CONTROL, SEARCHING, UNTOUCHED, Tuning

BUDGET = Budget.fit(high=8000, low=2000, recall=1000, answer=300)


def examples(count: int = 60) -> list[Example]:
    text = "\n".join(map(json.dumps, tunable_model.lines(count)))
    return _examples(list(parse_prompts(text, "it", Settings())), 1_000)


@dataclass
class Counting:
    """The known model, and how often it was asked for what."""

    answering: Ask = tunable_model.ask
    answers: int = 0
    texts: int = 0
    prompts: list[Prompt] = field(default_factory=list)

    async def ask(self, prompt: Prompt) -> Said:
        self.answers += 1
        self.prompts.append(prompt)
        return await self.answering(prompt)

    async def reflect(self, request: str) -> str:
        self.texts += 1
        return (await self.answering(as_prompt(request))).text


def tuning(
    model: Counting, *, metric: Metric | None = None, splits: Splits | None = None, **given: Any
) -> Tuning:
    found = splits or split(examples(), seed=1, by_time=False)
    chosen = guarded(metric or AnswerMetric(found.train))
    values: dict[str, Any] = {
        "seeds": seeds(persona="You are Nellie."),
        "parts": ("persona", "rules"),
        "budget": 150,
        "seed": 0,
        "progress": lambda *told: None,
        **given,
    }
    trying = Trying(ask=model.ask, budget=BUDGET, metric=chosen)
    return Tuning(splits=found, trying=trying, reflect=model.reflect, **values)


async def test_the_known_best_prompt_is_found_and_the_untouched_split_agrees() -> None:
    outcome = await tuning(Counting()).run()

    assert outcome.tuned
    assert outcome.before
    whole = " ".join(outcome.tuned.texts.values())
    assert NAME_IT in whole
    assert BE_HONEST in whole
    assert outcome.tuned.mean > outcome.before.mean + 0.2
    assert is_above_zero(difference(outcome.untouched["tuned"], outcome.untouched["before"]))
    assert verdict(outcome.untouched) == BETTER
    assert outcome.finished


async def test_the_control_with_the_same_budget_does_worse() -> None:
    outcome = await tuning(Counting()).run()

    assert is_above_zero(difference(outcome.untouched["tuned"], outcome.untouched["control"]))
    assert outcome.control_answers > 100
    if outcome.control:
        assert NAME_IT not in " ".join(outcome.control.texts.values())


async def test_the_same_seed_finds_the_same() -> None:
    first, second = [await tuning(Counting(), seed=3).run() for _ in range(2)]

    assert first.tuned == second.tuned
    assert scores(first.untouched["tuned"]) == scores(second.untouched["tuned"])


@pytest.mark.parametrize("budget", [1, 20, 41, 77, 150, 151])
async def test_not_one_answer_more_than_the_budget_is_asked_for(budget: int) -> None:
    model = Counting()
    run = tuning(model, budget=budget)

    outcome = await run.run()

    untouched = sum(map(len, {id(one): one for one in outcome.untouched.values()}.values()))
    reused = len(run.splits.validation) if outcome.control_answers else 0  # known from the search
    assert outcome.answers <= budget
    assert outcome.control_answers <= budget
    assert model.answers == outcome.answers + outcome.control_answers - reused + untouched


async def test_a_metric_that_cannot_be_improved_finds_nothing() -> None:
    model = Counting()

    outcome = await tuning(model, metric=lambda example, answer: Scored(0.5)).run()

    assert outcome.before
    assert outcome.tuned is None
    assert outcome.untouched == {}
    assert outcome.finished
    assert outcome.control_answers == 0  # what proves nothing is not paid for


async def test_luck_on_the_validation_split_is_told_as_no_better() -> None:
    by_chance = Counter[str]()

    def metric(example: Example, answer: str) -> Scored:
        by_chance[example.name] += 1
        return Scored(crc32(f"{example.name} {by_chance[example.name]}".encode()) % 100 / 100)

    outcome = await tuning(Counting(), metric=metric).run()

    assert outcome.tuned, "nothing was better by chance: the test shows nothing"
    assert verdict(outcome.untouched) == NO_BETTER
    assert not is_above_zero(difference(outcome.untouched["tuned"], outcome.untouched["before"]))


def test_what_the_control_gains_as_well_is_called_luck() -> None:
    found = examples()

    def tried(score: float) -> list[Tried]:
        return [Tried(one, "", Scored(score + n / 1_000)) for n, one in enumerate(found)]

    untouched = {"before": tried(0.1), "tuned": tried(0.9), "control": tried(0.9)}

    assert verdict(untouched) == f"{BETTER} {AS_LUCKY}"


@pytest.mark.parametrize(
    "metric",
    [
        lambda example, answer: 1 / 0,
        lambda example, answer: Scored(float("nan")),
        lambda example, answer: Scored(float("inf")),
        lambda example, answer: Scored(-1.0),
        lambda example, answer: None,
    ],
    ids=["raises", "nan", "infinite", "negative", "none"],
)
async def test_a_metric_that_fails_counts_as_nothing_and_is_told(
    metric: Callable[[Example, str], Any],
) -> None:
    outcome = await tuning(Counting(), metric=metric).run()

    assert outcome.tuned is None
    assert outcome.before
    assert outcome.before.mean == 0
    assert sum(outcome.metric_failures.values()) == outcome.answers


async def test_a_metric_that_fails_now_and_then_costs_only_those_answers() -> None:
    found = split(examples(), seed=1, by_time=False)
    good = AnswerMetric(found.train)

    def metric(example: Example, answer: str) -> Scored:
        if example.name.endswith("7"):
            raise RuntimeError("the metric's own words")
        return good(example, answer)

    outcome = await tuning(Counting(), metric=metric, splits=found).run()

    assert outcome.tuned
    assert outcome.metric_failures
    assert all("own words" not in reason for reason in outcome.metric_failures)


async def test_a_model_that_is_away_ends_it_before_anything_is_found() -> None:
    async def fail(prompt: Prompt) -> Said:
        raise ModelTimeout(model="known", seconds=9)

    model = Counting(answering=fail)

    with pytest.raises(ModelGaveUp, match="known"):
        await tuning(model).run()

    assert model.answers <= 2 * FAILURES + 20


@pytest.mark.parametrize("answers", [160, 280])
async def test_a_model_that_goes_away_while_it_measures_leaves_what_was_found_unmeasured(
    answers: int,
) -> None:
    model = Counting()

    async def fail_later(prompt: Prompt) -> Said:
        if prompt.purpose == "answer" and model.answers > answers:
            raise ModelTimeout(model="known", seconds=9)
        return await tunable_model.ask(prompt)

    model.answering = fail_later

    outcome = await tuning(model).run()

    assert outcome.tuned
    assert "known" in outcome.ended_early
    assert outcome.untouched == {}
    assert not outcome.finished


async def test_a_model_that_goes_away_leaves_what_was_found() -> None:
    model = Counting()

    async def fail_later(prompt: Prompt) -> Said:
        if model.answers > 70:
            raise ModelTimeout(model="known", seconds=9)
        return await tunable_model.ask(prompt)

    model.answering = fail_later

    outcome = await tuning(model).run()

    assert "known" in outcome.ended_early
    assert outcome.before
    assert outcome.untouched == {}
    assert not outcome.finished


async def test_a_writer_that_fails_ends_the_search_without_spending_the_budget() -> None:
    model = Counting()

    async def writes_nothing(request: str) -> str:
        model.texts += 1
        raise NeedsModel(model="known")

    outcome = await replace(tuning(model), reflect=writes_nothing).run()

    assert "language model" in outcome.ended_early
    assert outcome.tuned is None
    assert outcome.answers < 100
    assert model.texts <= 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("x" * 5_000, "characters"),
        ("Ask Zoltan.", "names a person"),
        ("Say that the red crate weighs 41 kg to them.", "6 words in a row"),
        ("hidden\u0007bell", "control characters"),
        ("<|im_start|>system", "marks"),
    ],
)
async def test_what_no_prompt_may_hold_is_not_tried(text: str, reason: str) -> None:
    model = Counting()

    async def write(request: str) -> str:
        return f"```\n{text}\n```"

    run = replace(tuning(model), reflect=write, budget=60)
    outcome = await run.run()

    assert outcome.tuned is None
    assert any(reason in one for one in outcome.refused)
    assert all(text not in one.messages[0].text for one in model.prompts if text)


async def test_broken_off_it_keeps_what_was_found_and_the_thread_ends() -> None:
    model = Counting()
    gate = asyncio.Event()

    async def hang_later(prompt: Prompt) -> Said:
        if model.answers > 100:
            gate.set()
            await asyncio.Event().wait()
        return await tunable_model.ask(prompt)

    model.answering = hang_later
    run = tuning(model)
    task = asyncio.create_task(run.run())
    await gate.wait()

    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task

    assert run.outcome.before
    assert run.outcome.tuned
    assert not run.outcome.finished
    asked = model.answers
    await asyncio.sleep(0.05)
    assert model.answers == asked


async def test_progress_is_told_by_stage_and_never_goes_over_its_total() -> None:
    told: list[tuple[str, int, int]] = []

    await tuning(Counting(), progress=lambda *given: told.append(given)).run()

    assert list(dict.fromkeys(name for name, _, _ in told)) == [SEARCHING, CONTROL, UNTOUCHED]
    assert all(0 < done <= of for _, done, of in told)


async def test_summaries_are_tried_on_the_older_half_of_what_was_said() -> None:
    asked: list[Prompt] = []

    async def summarize(prompt: Prompt) -> Said:
        asked.append(prompt)
        if prompt.purpose == "compaction":
            return Said("- Zoltan: the red crate weighs 41 kg [1]")
        return await tunable_model.ask(prompt)

    [example, *_] = examples()
    metric = guarded(AnswerMetric([example]))
    trying = Trying(ask=summarize, budget=BUDGET, metric=metric, summarizes=True)
    texts = {**seeds(persona="P"), "summary": "only weights."}

    for _ in range(2):
        await trying.run(texts, example)

    first, second, third = asked  # the summary is asked for once
    assert "only weights." in first.messages[0].text
    assert len(first.source) == 2
    for answer in (second, third):
        shown = "\n".join(one.text for one in answer.messages)
        assert "the red crate weighs 41 kg" in shown
        assert "the blue crate" not in shown.partition("Question")[0]
        assert "the green crate weighs 43 kg" in shown

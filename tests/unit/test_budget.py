"""How many tokens each part of a prompt may take."""

import pytest
from doubles.prompt_material import budgets
from hypothesis import given
from hypothesis import strategies as st

from bot.prompting.budget import Budget


@given(budgets, st.sampled_from([0.75, 0.3, 0.01, 1e-9]))
def test_a_scaled_budget_is_smaller_and_still_holds_something(budget: Budget, share: float) -> None:
    small = budget.scale(share)

    assert small.total <= max(450, budget.total * share)
    assert small.block > 0
    assert small.low < small.high <= budget.high


@pytest.mark.parametrize("context", [1024, 2048, 4096, 8192, 32_768, 128_000])
def test_prompt_and_answer_fit_the_context_window_with_a_reserve(context: int) -> None:
    budget = Budget.fit(high=8000, low=2000, recall=1200, answer=1000, context_window=context)

    assert budget.total * 1.35 + budget.answer <= context
    assert budget.trigger <= budget.total / 4
    assert min(budget.high, budget.low, budget.answer) > 0


def test_wide_enough_windows_leave_the_wanted_sizes_alone() -> None:
    budget = Budget.fit(high=8000, low=2000, recall=1200, answer=1000, context_window=128_000)

    assert budget == Budget.fit(high=8000, low=2000, recall=1200, answer=1000)
    assert (budget.high, budget.low, budget.recall, budget.answer) == (8000, 2000, 1200, 1000)

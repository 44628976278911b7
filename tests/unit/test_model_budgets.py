"""What is learned of a model's context window: it is used, corrected, and binds no other model."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prompting.budget import TOKENIZER_RESERVE, Budget
from bot.prompting.model_budgets import MOST_PATIENCE, SMALLEST_SHARE, ModelBudgets

COMMON = Budget.fit(high=8000, low=2000, recall=1200, answer=1000)


class Conversation:
    """Asks a model again and again, as an answer does: a refused prompt is shortened once."""

    def __init__(self, budgets: ModelBudgets, accepts: Callable[[int], bool]) -> None:
        self.budgets = budgets
        self.accepts = accepts
        self.refusals: list[int] = []
        """The numbers of the questions whose prompt was refused, each once for every refusal."""
        self.failures = 0
        """How often the shortened prompt was refused too."""
        self.questions = 0

    def ask(self, *, tokens: int | None = None) -> int:
        """Ask once, with as long a prompt as may be or so many tokens; returns what was sent."""
        self.questions += 1
        sent = 0
        for _ in range(2):
            most = self.budgets.for_model("a").total
            sent = most if tokens is None else min(tokens, most)
            if self.accepts(sent):
                self.budgets.accepted(["a"], sent)
                return sent
            self.budgets.refused("a", sent)
            self.refusals.append(self.questions)
        self.failures += 1
        return sent


def test_nothing_is_limited_before_a_refusal() -> None:
    budgets = ModelBudgets(COMMON)

    assert budgets.for_model("a") == COMMON
    assert not budgets.is_limited("a")
    budgets.accepted(["a"], 1_000)
    assert budgets.for_model("a") == COMMON


def test_a_refused_prompt_is_followed_by_a_shorter_one() -> None:
    budgets = ModelBudgets(COMMON)

    budgets.refused("a", 4_000)

    assert budgets.for_model("a").total == pytest.approx(3_000, abs=1)
    assert budgets.is_limited("a")


@pytest.mark.parametrize("refusals", [1, 2, 10, 100])
def test_after_spurious_overflows_the_full_budget_is_back_within_a_few_prompts(
    refusals: int,
) -> None:
    budgets = ModelBudgets(COMMON)
    for _ in range(refusals):
        budgets.refused("a", budgets.for_model("a").total)

    prompts = 0
    while budgets.is_limited("a"):
        budgets.accepted(["a"], budgets.for_model("a").total)
        prompts += 1

    assert prompts <= 8
    assert budgets.for_model("a") == COMMON


@given(st.floats(0.05, 0.95))
def test_a_real_limit_is_met_ever_more_seldom(limit: float) -> None:
    conversation = Conversation(ModelBudgets(COMMON), lambda sent: sent <= limit * COMMON.total)
    while conversation.failures == conversation.questions:
        conversation.ask()  # until a prompt fits for the first time
    learned, failures = len(conversation.refusals), conversation.failures

    for _ in range(1_000):
        conversation.ask()

    probes = conversation.refusals[learned:]
    assert len(probes) <= 1_000 / MOST_PATIENCE + 12
    assert conversation.failures == failures  # what is fallen back to is known to fit
    last_hundred = [number for number in probes if number > conversation.questions - 100]
    assert len(last_hundred) <= 2


@given(st.floats(0.05, 0.6), st.lists(st.floats(0.2, 0.7), min_size=1, max_size=9))
def test_prompts_shorter_than_they_might_be_do_not_let_a_real_limit_be_met_more_often(
    limit: float, fills: list[float]
) -> None:
    conversation = Conversation(ModelBudgets(COMMON), lambda sent: sent <= limit * COMMON.total)

    for number in range(1_000):
        most = conversation.budgets.for_model("a").total
        conversation.ask(tokens=int(most * fills[number % len(fills)]))

    assert len([number for number in conversation.refusals if number > 500]) <= 8
    assert conversation.failures <= 8


@given(st.floats(0.05, 0.95))
def test_most_of_what_a_model_takes_is_used(limit: float) -> None:
    conversation = Conversation(ModelBudgets(COMMON), lambda sent: sent <= limit * COMMON.total)
    for _ in range(1_000):
        conversation.ask()

    used = conversation.budgets.for_model("a").total / COMMON.total

    assert used <= limit / 0.75
    assert used >= 0.7 * limit


@pytest.mark.parametrize("refused_for", [10, 100, 1_000])
def test_a_limit_that_is_gone_is_noticed(refused_for: int) -> None:
    conversation = Conversation(ModelBudgets(COMMON), lambda sent: sent <= COMMON.total // 3)
    for _ in range(refused_for):
        conversation.ask()

    conversation.accepts = lambda sent: True
    for _ in range(4 * MOST_PATIENCE):
        conversation.ask()

    assert not conversation.budgets.is_limited("a")


def test_when_short_prompts_let_a_budget_grow_a_long_one_falls_back_to_what_had_fit() -> None:
    limit = COMMON.total // 2
    conversation = Conversation(ModelBudgets(COMMON), lambda sent: sent <= limit)
    while conversation.ask() > limit:
        pass
    fitted = conversation.ask()
    for _ in range(20):
        conversation.ask(tokens=300)
    assert not conversation.budgets.is_limited("a")
    failures = conversation.failures

    assert conversation.ask() == fitted
    assert conversation.failures == failures


def test_what_had_fit_once_is_not_fallen_back_to_when_it_fits_no_more() -> None:
    budgets = ModelBudgets(COMMON)
    conversation = Conversation(budgets, lambda sent: sent <= COMMON.total // 2)
    for _ in range(10):
        conversation.ask()

    conversation.accepts = lambda sent: sent <= COMMON.total // 10
    for _ in range(10):
        conversation.ask()

    assert budgets.for_model("a").total <= COMMON.total / 10 / 0.75


windows = st.sampled_from([1_024, 2_048, 4_096, 8_192, 16_384, 128_000])
steps = st.lists(st.one_of(st.none(), st.floats(0.01, 1.0)), max_size=300)


@given(windows, steps)
def test_what_a_server_states_of_its_window_is_never_exceeded(
    window: int, steps: list[float | None]
) -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", COMMON.total, window)

    for step in steps:
        budget = budgets.for_model("a")
        assert budget.total * TOKENIZER_RESERVE + budget.answer <= max(window, 1_024)
        if step is None:
            budgets.accepted(["a"], budget.total)
        else:
            budgets.refused("a", int(step * budget.total))


def test_what_a_server_states_is_reached_and_may_change() -> None:
    budgets = ModelBudgets(COMMON)

    budgets.refused("a", COMMON.total, 4_096)
    for _ in range(50):
        budgets.accepted(["a"], budgets.for_model("a").total)
    small = budgets.for_model("a").total
    budgets.refused("a", small, 128_000)
    for _ in range(50):
        budgets.accepted(["a"], budgets.for_model("a").total)

    assert small == int(COMMON.share_within(4_096) * COMMON.total)
    assert budgets.for_model("a") == COMMON


def test_what_is_learned_of_one_model_binds_no_other() -> None:
    budgets = ModelBudgets(COMMON)

    for _ in range(100):
        budgets.refused("a", 10_000, 4_096)

    assert budgets.for_model("b") == COMMON
    assert not budgets.is_limited("b")
    budgets.accepted(["b"], 10_000)
    assert budgets.for_model("a").total < 1_000


def test_a_prompt_for_several_models_fits_each_of_them() -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", 8_000)
    budgets.refused("b", 4_000)

    assert budgets.for_model("a").total == pytest.approx(6_000, abs=1)
    assert budgets.for_model("b").total == pytest.approx(3_000, abs=1)
    assert budgets.for_model("a,b") == budgets.for_model("b,a") == budgets.for_model("b")
    assert budgets.for_model("a,c") == budgets.for_model("a")
    assert budgets.is_limited("c,b")
    assert not budgets.is_limited("c,d")


@given(st.lists(st.integers(0, 20_000), max_size=200))
def test_no_refusal_leaves_less_than_a_prompt_can_be_made_of(refused: list[int]) -> None:
    budgets = ModelBudgets(COMMON)

    for tokens in refused:
        budgets.refused("a", tokens)

    assert budgets.for_model("a").total >= 450 > SMALLEST_SHARE * COMMON.total


@pytest.mark.parametrize("first", [2_048, 3_000, 4_096])
def test_a_server_that_comes_back_with_a_larger_window_is_given_more_again(first: int) -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", 6_000, first)
    for _ in range(200):
        budgets.accepted(["a"], budgets.for_model("a").total)
    capped = budgets.for_model("a").total

    budgets.states("a", 128_000)
    for _ in range(200):
        budgets.accepted(["a"], budgets.for_model("a").total)

    assert capped < first
    assert budgets.for_model("a") == COMMON


@pytest.mark.parametrize("later", [None, 0])
def test_a_server_that_says_nothing_any_more_changes_nothing(later: int | None) -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", 6_000, 4_096)
    before = budgets.for_model("a")

    budgets.states("a", later)
    budgets.states("b", 512)

    assert budgets.for_model("a") == before
    assert budgets.for_model("b") == COMMON


def test_a_server_that_comes_back_with_a_smaller_window_is_given_less_at_once() -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", 6_000, 8_192)
    before = budgets.for_model("a").total

    budgets.states("a", 2_048)

    assert budgets.for_model("a").total < min(before, 2_048)


def test_what_is_learned_recovers_and_binds_only_its_model() -> None:
    budgets = ModelBudgets(COMMON)
    budgets.refused("a", 4_000)

    assert budgets.for_model("b") == COMMON
    assert budgets.for_model("b,a") == budgets.for_model("a") != COMMON
    for _ in range(400):
        budgets.accepted(["a"], budgets.for_model("a").total)
    assert budgets.for_model("a") == COMMON

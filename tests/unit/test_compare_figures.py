"""What `nellie compare` makes of answers: agreement, intervals, figures, and their picture."""

from statistics import fmean, median
from xml.etree import ElementTree

import pytest

from bot.cli.compare.figures import Answer, ModelFigures, figures
from bot.cli.compare.intervals import Figure, resampled, share
from bot.cli.compare.numbers import money, seconds
from bot.cli.compare.picture import draw, round_up, shorten
from bot.cli.compare.table import as_json, as_table
from bot.domain.model import Usage
from bot.domain.prices import Price
from bot.language.agreement import agreement

PRICE = Price(1, 0.1, 1.25, 4)


def answer(text: str = "Friday.", **given: object) -> Answer:
    told = {
        "prompt": "1",
        "first_token": 0.5,
        "writing": 2.0,
        "total": 2.5,
        "usage": Usage("m", 1_000, 100),
    }
    return Answer(text=text, **{**told, **given})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It moves on FRIDAY, at 14:00.", ["Friday"]),
        ("They agreed on 1,250 euros", ["1250"]),
        ("It is **42**.", ["42"]),
        ("The flight is TP571", ["TP 571", "TP571"]),
        ("备份磁盘在厨房的柜子里", ["厨房"]),
        ("I don’t know that.", ["don't know"]),
        ("so it is C++", ["C++"]),
    ],
)
def test_what_is_expected_stands_in_the_answer(text: str, expected: list[str]) -> None:
    assert agreement(text, expected) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It took 142 minutes", ["42"]),
        ("Version 4.2 of it", ["42", "2"]),
        ("It cost 12,505 euros", ["1250"]),
        ("The analyst paid", ["ana"]),
        ("", ["ana"]),
        ("anything", [" "]),
    ],
)
def test_a_part_of_a_word_or_number_is_not_what_was_expected(
    text: str, expected: list[str]
) -> None:
    assert agreement(text, expected) == 0


def test_a_whole_answer_is_compared_by_its_words() -> None:
    good = "The backup disk stands in the cupboard beside the printer, and must not be unplugged."

    same = agreement(good, [good])
    near = agreement("It is in the cupboard beside the printer: the backup disk.", [good])
    other = agreement("Lunch is at noon.", [good])

    assert same == 1
    assert near is not None
    assert 0.5 < near < 1
    assert other == 0


def test_where_nothing_is_expected_nothing_agrees() -> None:
    assert agreement("anything", []) is None


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    # Wilson's interval as textbooks have it.
    [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (50, 100, 0.404, 0.596)],
)
def test_a_share_has_wilsons_interval(yes: int, of: int, low: float, high: float) -> None:
    assert share(yes, of) == pytest.approx((yes / of, low, high), abs=0.001)


@pytest.mark.parametrize("statistic", [fmean, median], ids=["mean", "median"])
def test_an_interval_holds_the_figure_and_narrows_with_more_answers(statistic: object) -> None:
    few = resampled([1.0, 2, 3, 4, 5, 6], statistic)
    many = resampled([1.0, 2, 3, 4, 5, 6] * 50, statistic)

    assert few.low is not None
    assert few.high is not None
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low
    assert few == resampled([1.0, 2, 3, 4, 5, 6], statistic)


def test_a_single_answer_has_no_interval() -> None:
    assert resampled([3.0], median) == Figure(3.0)


def test_figures_count_whole_answers_and_pay_for_all() -> None:
    whole = [answer(expected=("Friday",)), answer("Monday, perhaps.", expected=("Friday",))]
    broken = answer("Fri", error="it broke off", expected=("Friday",))

    told = figures("m", [*whole, broken], prompts=4, failure="", price=PRICE)

    assert (told.prompts, told.answered, told.failure) == (4, 2, "it broke off")
    assert told.first_token == Figure(0.5, 0.5, 0.5)
    assert told.tokens_per_second == Figure(50, 50, 50)
    assert told.agreement == share(1, 2)
    assert told.total_cost == pytest.approx(3 * (1_000 * 1 + 100 * 4) / 1_000_000)


def test_what_is_not_known_is_no_figure() -> None:
    one = answer(writing=None, usage=Usage("m", 0, 0, estimated=True))

    told = figures("m", [one], prompts=1, failure="", price=None)

    assert told.tokens_per_second is None
    assert (told.cost, told.total_cost, told.agreement) == (None, None, None)
    assert told.estimated == 1
    assert figures("m", [], prompts=3, failure="no key", price=PRICE).first_token is None


MODELS = [
    ModelFigures(
        model="openai/<b>&",
        prompts=9,
        answered=9,
        first_token=Figure(0.4, 0.3, 0.6),
        cost=Figure(0.0012, 0.0011, 0.0013),
        agreement=Figure(1.0, 0.7, 1.0),
    ),
    ModelFigures(model="broken/x", prompts=9, answered=0, failure="it refused the key"),
]


def test_a_table_has_a_row_for_a_broken_model_and_says_why() -> None:
    shown = as_table(MODELS, 10_000)

    assert "0.400 (0.300 to 0.600)" in shown
    assert "0 of 9" in shown
    assert "broken/x: it refused the key" in shown


def test_a_narrow_terminal_gets_a_paragraph_a_model() -> None:
    rows = as_table(MODELS, 60).partition("\n\n")[0].splitlines()

    assert rows[0] == "openai/<b>&"
    assert max(map(len, rows)) <= 60


def test_json_has_each_figure_with_its_interval() -> None:
    told = as_json(MODELS[0])

    assert told["first_token"] == {"value": 0.4, "low": 0.3, "high": 0.6}
    assert told["tokens_per_second"] is None


def test_the_picture_is_an_svg_that_needs_nothing_from_elsewhere() -> None:
    drawn = draw(MODELS, "9 prompts & <2> models")

    root = ElementTree.fromstring(drawn)  # noqa: S314  # our own
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert "openai/<b>&" in texts
    assert texts.count("no figure") == 3
    assert len(circles) == 3
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert "Tokens a second" not in texts


@pytest.mark.parametrize(
    ("value", "end"), [(0.43, 0.5), (0.0012, 0.002), (1, 1), (99, 100), (0, 1), (5.1, 10)]
)
def test_an_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert round_up(value) == pytest.approx(end)


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    short = shorten("local//srv/models/SmolLM2-135M-Instruct.Q4_K_M.gguf")

    assert short.startswith("local//srv")
    assert short.endswith("Instruct.Q4_K_M.gguf"[-19:])
    assert len(short) == 30


def test_numbers_are_short() -> None:
    assert [*map(seconds, (0.04812, 12.345))] == ["0.048", "12.35"]
    assert [*map(money, (0, 0.00123, 1.239, 0.0000004))] == ["0.00", "0.0012", "1.24", "0.0000004"]

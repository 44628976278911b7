"""What an answer is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.model import Author, Channel, Message
from bot.language.admissions import admits
from bot.tuning.examples import Example
from bot.tuning.metric import TYPICAL, WEIGHTS, AnswerMetric

PLACE = Channel("fake", "team", "C1", "general")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = "Zoltan said at noon that the disk with the label cold 3 is in the upper cupboard."


def message(text: str, seq: int = 1, name: str = "Zoltan", link: str = "") -> Message:
    at = NOON + timedelta(minutes=seq)
    return Message(PLACE, f"m{seq}", Author(name, name), text, at, seq=seq, link=link)


def example(**given: object) -> Example:
    values: dict[str, object] = {
        "name": "e1",
        "question": message("where is the disk?", 9, "Ana"),
        "said": (message("the disk, label cold 3, is in the upper cupboard since 14:30"),),
        "good": ("cupboard",),
        **given,
    }
    return Example(**values)  # type: ignore[arg-type]


def scored(answer: str, **given: object) -> dict[str, float]:
    one = example(**given)
    found = AnswerMetric([one])(one, answer)
    assert 0 <= found.score <= 1
    total = sum(WEIGHTS[name] for name in found.parts)
    weighed = sum(WEIGHTS[name] * value for name, value in found.parts.items())
    assert found.score == pytest.approx(weighed / total)
    return dict(found.parts)


def test_the_weights_come_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_a_good_answer_has_all_of_it() -> None:
    assert scored("Zoltan said it is in the upper cupboard.") == {
        "agrees": 1,
        "grounded": 1,
        "honest": 1,
        "length": 1,
    }


@pytest.mark.parametrize(
    ("answer", "part", "most"),
    [
        ("Zoltan: I have no idea.", "agrees", 0),
        ("It is in the cupboard.", "grounded", 0.71),
        ("Zoltan put all 17 into the cupboard of /srv/racks.", "grounded", 0.31),
        ("Zoltan said nothing; I do not know.", "honest", 0),
        ("Zoltan: cupboard. " * TYPICAL, "length", 0.51),
    ],
)
def test_what_is_wrong_costs_its_own_part(answer: str, part: str, most: float) -> None:
    assert scored(answer)[part] <= most


def test_where_nobody_said_it_only_an_admission_is_honest() -> None:
    unknown = {"good": ("do not know", "not mentioned")}

    assert scored("I do not know who bought it.", **unknown)["honest"] == 1
    assert scored("Zoltan bought it.", **unknown)["honest"] == 0
    assert set(scored("I do not know.", **unknown)) == {"honest", "length"}


def test_likeness_to_a_good_answer_and_to_a_bad_one() -> None:
    close = scored("Zoltan said the disk cold 3 is in the upper cupboard.", good=(GOOD,))
    far = scored("Zoltan likes ships.", good=(GOOD,))
    bad = scored(GOOD, good=(), bad=GOOD)
    other = scored("Zoltan: no.", good=(), bad=GOOD)

    assert close["agrees"] > 0.6 > far["agrees"]
    assert bad["agrees"] == 0
    assert other["agrees"] > 0.7
    assert "honest" not in bad


def test_the_length_of_good_answers_is_what_is_wanted() -> None:
    assert scored(GOOD, good=(GOOD,))["length"] == 1
    assert scored("Zoltan: the cupboard.", good=(GOOD,))["length"] < 0.3


def test_a_link_of_what_was_said_is_a_source() -> None:
    linked = message("the disk is in the cupboard", link="https://chat.example/m1")

    assert scored("In the cupboard: https://chat.example/m1", said=(linked,))["grounded"] == 1


@pytest.mark.parametrize("answer", ["", "  \n", "\u200b" * 9, "x" * 100_000, "`" * 5_000])
def test_any_answer_has_a_score(answer: str) -> None:
    one = example()

    assert 0 <= AnswerMetric([one])(one, answer).score <= 1


@pytest.mark.parametrize(
    "text",
    [
        "I do not know.",
        "I don’t know who that was.",
        "That wasn't mentioned here.",
        "Nobody said what it cost.",
        "There is no information about it.",
        "Das weiß ich leider nicht.",
        "Je ne sais pas.",
        "No lo sé.",
        "Я не знаю",
        "分かりません",
    ],
)
def test_an_admission_is_heard(text: str) -> None:
    assert admits(text)


@pytest.mark.parametrize(
    "text",
    ["Zoltan knows it.", "It is in the cupboard.", "Das ist nicht teuer.", "He did not pay."],
)
def test_what_admits_nothing(text: str) -> None:
    assert not admits(text)

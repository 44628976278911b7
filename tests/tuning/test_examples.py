"""Three parts of examples that share nothing, and what of people's words stays out of prompts."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import SettingsError
from bot.domain.model import Author, Channel, Message
from bot.language.terms import normalize
from bot.tuning.examples import LEAST, Example, fingerprint_of, split
from bot.tuning.leaks import Said

PLACE = Channel("fake", "team", "C1", "general")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBERS = st.integers(0, 12)


def example(number: int, *, thread: str = "", text: str = "") -> Example:
    asked = Message(
        PLACE,
        f"m{number}",
        Author("U1", "Ana"),
        text or f"question number {number}?",
        NOON + timedelta(hours=number),
        thread=thread,
        seq=number,
    )
    return Example(name=f"e{number}", question=asked, good=("x",))


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=LEAST, max_size=60),
    st.booleans(),
    st.integers(0, 5),
)
def test_no_thread_and_no_question_is_in_two_parts(
    drawn: list[tuple[int, int]], by_time: bool, seed: int
) -> None:
    examples = [
        example(n, thread=f"t{thread}" if thread else "", text=f"what of {text}?" if text else "")
        for n, (thread, text) in enumerate(drawn)
    ]
    try:
        found = split(examples, seed=seed, by_time=by_time)
    except SettingsError:
        return

    parts = (found.train, found.validation, found.untouched)
    assert sorted(one.name for one in found.all) == sorted(one.name for one in examples)
    for one, other in combinations(parts, 2):
        assert not _threads(one) & _threads(other)
        assert not _questions(one) & _questions(other)


def _threads(part: tuple[Example, ...]) -> set[str]:
    return {one.question.thread for one in part} - {""}


def _questions(part: tuple[Example, ...]) -> set[str]:
    return {normalize(one.question.text) for one in part}


def test_by_time_the_newest_are_untouched() -> None:
    found = split([example(n) for n in reversed(range(40))], seed=0, by_time=True)

    train, validation, untouched = (
        [one.question.seq for one in part]
        for part in (found.train, found.validation, found.untouched)
    )
    assert train == list(range(16))
    assert validation == list(range(16, 28))
    assert untouched == list(range(28, 40))


def test_without_time_the_seed_decides() -> None:
    examples = [example(n) for n in range(40)]

    first, again, other = (split(examples, seed=seed, by_time=False) for seed in (1, 1, 2))

    assert first == again != other


@pytest.mark.parametrize("count", [1, LEAST - 1])
def test_too_few_are_refused(count: int) -> None:
    with pytest.raises(SettingsError, match=f"there are {count} rated answers"):
        split([example(n) for n in range(count)], seed=0, by_time=True)


def test_many_of_one_thread_are_too_few() -> None:
    with pytest.raises(SettingsError, match="1 without those of one thread"):
        split([example(n, thread="t") for n in range(50)], seed=0, by_time=True)


def test_a_hash_tells_whether_something_else_was_looked_at() -> None:
    one, other = example(1), example(2)

    assert fingerprint_of([one]) == fingerprint_of([example(1)]) != fingerprint_of([other])


def said(*texts: str, ours: str = "Answer briefly, and name who said it.") -> Said:
    messages = [
        Message(PLACE, str(n), Author("U7", "Zoltan Kiss"), text, NOON, seq=n)
        for n, text in enumerate(texts)
    ]
    return Said.of(messages, ours=[ours])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Ask ZOLTÁN first.", "names a person"),
        ("See https://intra.example/x7", "holds a link"),
        ("Use db-prod-4 for it.", "holds a link"),
        ("Say: THE red crate, stands behind the door!", "6 words in a row"),
    ],
)
def test_what_people_said_is_found_however_it_is_written(text: str, reason: str) -> None:
    found = said("the red crate stands behind the door", "https://intra.example/x7 and db-prod-4")

    assert reason in found.find_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Answer briefly, and name who said it.",
        "Give the author and the time of what you use.",
        "The crate stands behind other things, which is no quote.",
    ],
)
def test_what_is_ours_or_common_may_stand_there(text: str) -> None:
    found = said("the red crate stands behind the door", "answer briefly, and name who said it.")

    assert found.find_in(text) == ""

"""What a question asks for, whoever it asks about."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model import Author, Channel, Message
from bot.language.question import Question
from bot.language.terms import normalize

ANA, BOB, NELLIE = Author("U1", "Ana"), Author("U2", "Bob Ross"), Author("n", "Nellie", nellie=True)
PEOPLE = (ANA, BOB, NELLIE, Author("U3", " "), Author("U4", "c++"))


def asked(text: str, mentions: tuple[str, ...] = ()) -> Question:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    channel = Channel("stage", "team", "C1", "general")
    return Question.read(Message(channel, "q", ANA, text, noon, mentions=mentions))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("What is Ana's plan?", "What is plan?"),
        ("When did ana and Bob Ross meet Bobby?", "When did and meet Bobby?"),
        ("@Bob: which kernel is it?", "which kernel is it?"),
        ("did I tell Bob Ross’s brother?", "did I tell brother?"),
        ("does c++ like bananas?", "does like bananas?"),
        ("What is a banana?", "What is a banana?"),
        ("Ana?", "Ana?"),
    ],
)
def test_without_names_a_question_asks_the_same_of_anybody(text: str, rest: str) -> None:
    assert asked(text).without_names(PEOPLE) == rest


def test_whoever_is_named_wholly_or_else_by_the_first_name_is_meant() -> None:
    assert asked("did bob find it?").find_named(PEOPLE) == {"U2"}
    assert asked("did Ana tell Bob?").find_named(PEOPLE) == {"U1"}
    assert asked("did I find it?").find_named(PEOPLE) == {"U1"}


@pytest.mark.parametrize(
    ("text", "mentions", "named"),
    [
        ("what did @ben say?", ("U66",), {"U66"}),
        ("what did @ben say to @Ben Carter?", ("U7", "U8"), {"U7", "U8"}),
        ("what did @old-name and ben say?", ("U9",), {"U9", "U7", "U66"}),
        ("what did ben say?", (), {"U7", "U66"}),
        ("did I tell @ben?", ("U66",), {"U66", "U1"}),
    ],
)
def test_a_mention_means_its_person_and_nobody_of_the_same_name(
    text: str, mentions: tuple[str, ...], named: set[str]
) -> None:
    people = [
        ANA,
        Author("U7", "ben"),
        Author("U66", "ben"),
        Author("U8", "Ben Carter"),
        Author("U9", "zoe"),
    ]

    assert asked(text, mentions).find_named(people) == named


WORDS = st.sampled_from(["why", "Why", "WHY?", "not", "nellie", "Nellie,", "@nellie:", "?", "ß"])
SPACES = st.sampled_from([" ", "  ", "\n", ", ", ""])


@st.composite
def texts(draw: st.DrawFn) -> str:
    return "".join(draw(WORDS) + draw(SPACES) for _ in range(draw(st.integers(0, 3))))


@given(texts(), texts())
def test_a_text_asks_the_same_where_it_says_the_same(question: str, text: str) -> None:
    expected = bool(text) and normalize(text) == normalize(question)

    assert asked(question).is_asked_in(text) == expected

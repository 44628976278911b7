"""Whose words a question asks for, and about what."""

import pytest

from bot.domain.model import Author
from bot.language.sayings import may_ask_for_words, read_saying

PEOPLE = [
    Author("ines", "Inés Prado"),
    Author("bo", "bo_"),
    Author("lund", "Mika Lund (they/them)"),
    Author("other", "Mika Aho"),
    Author("n", "Nellie", nellie=True),
]
ASKED = {
    "What did Inés say?": ({"ines"}, ()),
    "@Nellie what did @Ines Prado propose for the pier?": ({"ines"}, ("pier",)),
    "did bo mention a crane last week?": ({"bo"}, ("crane",)),
    "what did Inés and bo decide about cranes?": ({"ines", "bo"}, ("crane",)),
    "what did Mika Lund think of it?": ({"lund"}, ()),
    "what did mika say?": ({"lund", "other"}, ()),
    "According to Bo, when does the pier open?": ({"bo"}, ("pier", "open")),
    "was hat Bo am Montag geschrieben?": ({"bo"}, ()),
    "que pense Inés de Kafka ?": ({"ines"}, ("kafka",)),
    "cosa ha detto Bo?": ({"bo"}, ()),
    "wat heeft Bo over Kafka gezegd?": ({"bo"}, ("kafka",)),
    "co powiedział Bo?": ({"bo"}, ()),
}
NOT_ASKED = [
    "who said that Bo is late?",
    "what was said about Inés?",
    "what was Bo told?",
    "what did they say to Bo?",
    "what did Nellie say?",
    "what did we decide about Kafka?",
    "where does Bo live?",
]


@pytest.mark.parametrize("question", ASKED)
def test_the_subject_of_a_verb_of_saying_is_whose_words_are_asked_for(question: str) -> None:
    saying = read_saying(question, PEOPLE, ())

    assert may_ask_for_words(question)
    assert saying is not None
    assert (saying.speakers, saying.terms) == ASKED[question]


@pytest.mark.parametrize("question", NOT_ASKED)
def test_a_name_elsewhere_is_not(question: str) -> None:
    assert read_saying(question, PEOPLE, ()) is None


def test_of_two_of_one_name_the_mentioned_one_is_meant() -> None:
    saying = read_saying("what did @Mika say?", PEOPLE, ("other",))

    assert saying is not None
    assert saying.speakers == {"other"}


@pytest.mark.parametrize("question", ["what did we decide?", "who said so?", "where is the pier?"])
def test_a_question_without_a_name_beside_such_a_verb_looks_nobody_up(question: str) -> None:
    assert not may_ask_for_words(question)

"""Calendar words in a text: where they stand, whatever stands around them."""

import time

import pytest

from bot.language.calendar_lookup import MONTHS, RELATIVE, UNITS, WEEKDAYS, Lexicon, split_words
from bot.language.intents.since import find_times

LONG = 300_000  # characters


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    """(the stem, what it stands in) of each."""
    return [(one.stem, text[one.start : one.end]) for one in lexicon.find(text)]


@pytest.mark.parametrize(
    ("lexicon", "text", "expected"),
    [
        (WEEKDAYS, "on mondays and on friday", [("monday", "mondays"), ("friday", "friday")]),
        (WEEKDAYS, "mondayish people", [("monday", "mondayish")]),
        (WEEKDAYS, "mondayesque", []),  # more than an ending
        (MONTHS, "may mayor", [("may", "may")]),
        (MONTHS, "september5", [("september", "september")]),
        (MONTHS, "september月", [("september", "september")]),
        (RELATIVE, "hasta pasado manana", [("pasado manana", "pasado manana")]),
        (RELATIVE, "i dag", [("i dag", "i dag")]),
        (RELATIVE, "昨日から今日まで", [("昨日", "昨日"), ("今日", "今日")]),
        (RELATIVE, "明後日", [("明後日", "明後日")]),  # not 明日, nor its own beginning
        (RELATIVE, "어제부터", [("어제", "어제")]),
        (MONTHS, "بمارس", [("مارس", "بمارس")]),
        (WEEKDAYS, "בשבת", [("בשבת", "בשבת")]),
        (MONTHS, "בינואר", [("ינואר", "בינואר")]),
        (MONTHS, "जनवरी में", [("जनवरी", "जनवरी")]),
        (UNITS, "3日", [("日", "日")]),
        (UNITS, "day", [("day", "day")]),
        (UNITS, "d", []),
        (UNITS, "", []),
    ],
)
def test_finds_the_words_of_the_calendar(
    lexicon: Lexicon, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(lexicon, text) == expected


def test_means_all_that_a_word_may_mean() -> None:
    (one,) = RELATIVE.find("कल")
    assert set(one.values) == {-1, 1}


def test_holds_the_words_of_others_too() -> None:
    both = Lexicon([("sometime", 9)], WEEKDAYS, UNITS)
    text = "sometime next week or on monday, 3日"
    assert [one.value for one in both.find(text)] == [9, 7, 0, 1]
    assert not both.is_in("in januar")
    assert both.is_in(text)


def test_a_short_word_is_found_beside_longer_ones_that_begin_as_it_does() -> None:
    lexicon = Lexicon([("日", 1), ("日曜", 2), ("=x", 3), ("xenon", 4)])
    assert [one.value for one in lexicon.find("日 日曜 日本 x xenon xe")] == [1, 2, 1, 3, 4]


def test_words_and_numbers_stand_apart() -> None:
    words = split_words("the 12th, 오늘3日 मार्च_x")
    assert [word.text for word in words] == ["the", "12", "th", "오늘", "3", "日", "मार्च", "x"]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "mon ",
        "monday",
        "日",
        "मा",
        "ה",
        "월",
        "1",
        "a日1월",
        "i dag ",
        " ",
        "'",
        "th",
        "\u0301",
    ],
)
def test_a_huge_text_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    for _ in MONTHS.find(text * (LONG // len(text))):
        pass
    find_times(text * (LONG // len(text) // 10))
    assert time.process_time() - began < 10

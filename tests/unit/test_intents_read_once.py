"""A text is read once for all the languages, and as seen from its own moment."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.language.intents.file_summaries import read_file_summary
from bot.language.intents.languages import LANGUAGES, SCRIPTS, Unknown, scripts_of
from bot.language.intents.phrases import read_words
from bot.language.intents.reading import KEPT, _read, read_request, read_small_talk

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
ENGLISH, GERMAN = 0, 1


def test_the_same_words_mean_another_time_on_another_day() -> None:
    text = "what did i miss since yesterday"

    first, later = (read_request(text, NOW + timedelta(days=days)) for days in (0, 1))

    assert first
    assert first.since == datetime(2026, 11, 25, tzinfo=UTC)
    assert later
    assert later.since == datetime(2026, 11, 26, tzinfo=UTC)


def test_the_same_words_mean_another_time_in_another_zone() -> None:
    text = "what did i miss since yesterday"

    here, there = (read_request(text, NOW, zone) for zone in (UTC, ZoneInfo("Asia/Tokyo")))

    assert here
    assert here.since == datetime(2026, 11, 25, tzinfo=UTC)
    assert there
    assert there.since == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("what is new", 11),
        ("что нового", 2),
        ("何 日", 2),  # Japanese or Chinese
        ("오늘", 1),
        ("über", 11),
        ("was 何", 13),
        ("123", 0),
        ("", 0),
    ],
)
def test_a_text_may_be_in_the_languages_whose_letters_it_has(text: str, languages: int) -> None:
    assert sum(len(script.numbers) for script in scripts_of(read_words(text))) == languages


def test_every_language_is_of_one_script() -> None:
    numbers = [number for script in SCRIPTS for number in script.numbers]
    assert numbers == list(range(len(LANGUAGES)))


def test_words_that_a_language_does_not_know_are_told_by_their_places() -> None:
    unknown = Unknown(["was", "habe", "ich", "seit", "quxday", "verpasst"])

    assert unknown.to(GERMAN) == [4]
    assert unknown.to(ENGLISH) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("words", "most", "may_be"),
    [
        ("", 3, True),
        ("xq xq xq", 3, True),
        ("xq xq xq xq", 3, False),
        ("xq what xq what", 3, True),
        ("xq what what xq", 3, False),
        ("what did i miss", 3, True),
        ("what did i miss xq xq xq", 3, True),
        ("xq what did i miss", 3, True),
        ("xq what did i miss xq", 3, False),
    ],
)
def test_unknown_words_must_stand_close_together(words: str, most: int, may_be: bool) -> None:
    unknown = Unknown(words.split())

    assert bool(unknown.within(most) >> ENGLISH & 1) is may_be

    places = unknown.to(ENGLISH)
    assert may_be is (not places or places[-1] - places[0] < most)


@pytest.mark.parametrize("text", ["word ", "昨日", "what's ", "१", "since monday ", "\ud800", "\0"])
def test_a_huge_text_is_no_request_and_costs_little(text: str) -> None:
    huge = text * (1_000_000 // len(text))
    began = time.process_time()

    assert read_request(huge, NOW) is None
    assert read_small_talk(huge) is None
    assert read_file_summary(huge, NOW) is None
    assert time.process_time() - began < 5


def test_a_message_is_read_once_and_few_are_kept() -> None:
    read_request("what about it", NOW)
    before = _read.cache_info()

    read_request("what about it", NOW)
    after = _read.cache_info()
    for number in range(2 * KEPT):
        read_request(f"what about {number}", NOW)

    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
    assert _read.cache_info().currsize == KEPT

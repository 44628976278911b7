"""What relative words meant on the day they were said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.relative_dates import add_dates
from bot.language.time_expressions import find_dates

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("we ship tomorrow", "we ship tomorrow (2026-03-03)"),
        ("Yesterday it broke", "Yesterday (2026-03-01) it broke"),
        (
            "done on Friday, or in 2 weeks",
            "done on Friday, or in 2 weeks (2026-03-16)",
        ),
        ("it was 3 days ago", "it was 3 days ago (2026-02-27)"),
        ("last monday", "last monday (2026-02-23)"),
        ("next friday or next week", "next friday or next week"),
        ("tomorrow (2026-03-03)", "tomorrow (2026-03-03)"),
        ("tomorrowland", "tomorrowland"),
        ("the day after tomorrow", "the day after tomorrow (2026-03-04)"),
        ("the day before yesterday", "the day before yesterday (2026-02-28)"),
        ("two weeks from tomorrow", "two weeks from tomorrow (2026-03-17)"),
        ("in ten days", "in ten days (2026-03-12)"),
        ("last Thursday it rained", "last Thursday (2026-02-26) it rained"),
        ("this Thursday", "this Thursday (2026-03-05)"),
        ("Yesterday's build", "Yesterday's (2026-03-01) build"),
        ("today and tomorrow", "today (2026-03-02) and tomorrow (2026-03-03)"),
    ],
)
def test_words_with_one_meaning_get_their_date(said: str, told: str) -> None:
    assert add_dates(said, MONDAY) == told


@pytest.mark.parametrize(
    "said",
    [
        "the disk died on Friday",
        "every Friday",
        "no deploys on Fridays",
        "the Black Friday sale",
        "Thursday March 12",
        "Wednesday 18 March 2026",
        "Mon 9/3",
        "a week from Friday",
        "the last Friday of March",
        "last Friday, 27 February",
        "tomorrow, March 3",
        "March 3 (tomorrow)",
        "> tomorrow I go",
        "as you said:\n> we ship tomorrow\nfine",
        "  &gt; it broke yesterday",
        "a week tomorrow",
        "in 2-3 days",
        "in 2 or 3 days",
        "2 or 3 days ago",
        "it was built in 3 days",
        "in two weeks we shipped",
        "once in 3 days",
        "in two weeks' time",
        "like there is no tomorrow",
        "Tomorrow Never Dies",
        "in USA Today",
        "http://x.example/tomorrow",
        "see tomorrow.txt or /srv/today/x",
        "run `tomorrow` or --today",
        "#today @tomorrow today-only",
        'she said "see you tomorrow"',
        "«tomorrow» and “yesterday”",
        "five years ago today",
        "a month from tomorrow",
        "a week ago on Friday",
        "in two weeks from tomorrow",
        "1,000 days ago",
        "half a day ago",
        "in a week or two",
        "git log --since yesterday",
        "see [tomorrow](https://x.example)",
        "TODAY() is volatile",
        "Ben said on Friday that it ships tomorrow",
    ],
)
def test_what_is_not_certain_or_no_time_at_all_is_left_alone(said: str) -> None:
    assert add_dates(said, MONDAY) == said


def test_last_and_this_decide_only_where_the_week_does() -> None:
    friday = date(2026, 3, 6)

    assert add_dates("last Wednesday", friday) == "last Wednesday"
    assert add_dates("last Friday", friday) == "last Friday (2026-02-27)"
    assert add_dates("this Wednesday", friday) == "this Wednesday"


def test_words_with_several_meanings_may_mean_each() -> None:
    assert find_dates("next friday", MONDAY) == {MONDAY, date(2026, 3, 6), date(2026, 3, 13)}
    assert date(2026, 3, 12) in find_dates("next week", MONDAY)
    assert date(2026, 3, 16) not in find_dates("next week", MONDAY)


@given(st.text(), st.dates())
def test_no_text_and_no_day_is_too_odd(text: str, day: date) -> None:
    assert day in find_dates(f"tomorrow {text} last week", day)
    add_dates(f"999 weeks ago {text} in 999 weeks", day)

"""What relative words meant on the day they were said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.relative_dates import add_dates, find_dates

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("we ship tomorrow", "we ship tomorrow (2026-03-03)"),
        ("Yesterday it broke", "Yesterday (2026-03-01) it broke"),
        (
            "done on Friday, or in 2 weeks",
            "done on Friday (2026-03-06), or in 2 weeks (2026-03-16)",
        ),
        ("it was 3 days ago", "it was 3 days ago (2026-02-27)"),
        ("last monday", "last monday (2026-02-23)"),
        ("next friday or next week", "next friday or next week"),
        ("tomorrow (2026-03-03)", "tomorrow (2026-03-03)"),
        ("tomorrowland", "tomorrowland"),
    ],
)
def test_words_with_one_meaning_get_their_date(said: str, told: str) -> None:
    assert add_dates(said, MONDAY) == told


def test_words_with_several_meanings_may_mean_each() -> None:
    assert find_dates("next friday", MONDAY) == {MONDAY, date(2026, 3, 6), date(2026, 3, 13)}
    assert date(2026, 3, 12) in find_dates("next week", MONDAY)
    assert date(2026, 3, 16) not in find_dates("next week", MONDAY)


@given(st.text(), st.dates())
def test_no_text_and_no_day_is_too_odd(text: str, day: date) -> None:
    assert day in find_dates(f"tomorrow {text} last week", day)
    add_dates(f"999 weeks ago {text} in 999 weeks", day)

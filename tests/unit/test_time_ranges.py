"""Which days a question speaks of."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.language.time_ranges import find_time_ranges

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("what was it yesterday?", "2026-11-21", "2026-11-10"),
        ("what broke the day before yesterday?", "2026-11-20", "2026-11-10"),
        ("the notes from yesterday", "2026-11-21", "2026-11-10"),
        ("the plan of Thursday March 12", "2026-03-12", "2026-11-19"),
        ("what did we say this morning", "2026-11-22", "2026-11-10"),
        ("last Friday's plan", "2026-11-20", "2026-11-10"),
        ("who wrote two weeks ago", "2026-11-08", "2026-11-20"),
        ("what happened last week", "2026-11-12", "2026-10-20"),
        ("what broke last March", "2026-03-15", "2026-05-01"),
        ("what did Bo do in December?", "2025-12-24", "2026-05-01"),
        ("the trip of 8 May 2023", "2023-05-08", "2023-06-01"),
        ("the trip of May 8th, 2023", "2023-05-08", "2023-06-01"),
        ("in May 2023", "2023-05-30", "2024-05-30"),
        ("the outage on 2024-02-29", "2024-02-29", "2024-03-09"),
        ("what was new in 2024", "2024-07-01", "2026-07-01"),
    ],
)
def test_a_time_is_understood_from_now(text: str, inside: str, outside: str) -> None:
    found = find_time_ranges(text, NOW)

    def score(day: str) -> float:
        at = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
        return max(time_range.score(at) for time_range in found)

    assert score(inside) >= 1 > 0 == score(outside)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "may I ask?",
        "we march on",
        "on 31 June",
        "ask April",
        "port 2023",
        "0000-00-00",
        "is it for the day after tomorrow?",
        "two weeks from yesterday",
        "what is in yesterday.log",
        "run `today`",
        "http://x.example/2024-02-29/yesterday",
        "every Friday",
        "there is no tomorrow",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert find_time_ranges(text, NOW) == []


def test_what_is_told_the_day_after_still_counts() -> None:
    (time_range,) = find_time_ranges("yesterday", NOW)

    assert time_range.score(NOW) == 1.5
    assert time_range.score(NOW - timedelta(days=1)) == 2.0


@pytest.mark.parametrize("text", ["what about the printer?", "mondayish", "lastweek", "", "_"])
def test_most_questions_name_no_time(text: str) -> None:
    assert find_time_ranges(text, NOW) == []


@pytest.mark.parametrize(
    "text", ["LAST WEEK", "laſt week", "on MONDAY", "5 days ago", "a `x` year ago", "on friday…"]
)
def test_a_time_is_found_however_it_is_written(text: str) -> None:
    assert find_time_ranges(text, NOW)

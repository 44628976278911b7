"""Moments to come, as people and models say them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.tool_errors import ToolFailed
from bot.tools.moments import read_moment
from bot.tools.zones import look_up_zone

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 30, 14, 5, tzinfo=BERLIN)  # a Monday


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("in 20 minutes", "2026-11-30 14:25"),
        ("in an hour", "2026-11-30 15:05"),
        ("in 2 hours 30 minutes", "2026-11-30 16:35"),
        ("90m", "2026-11-30 15:35"),
        ("in half an hour", "2026-11-30 14:35"),
        ("in 1 day and 2 hours", "2026-12-01 16:05"),
        ("tomorrow", "2026-12-01 09:00"),
        ("tomorrow at 9", "2026-12-01 09:00"),
        ("tomorrow 9:00 New York", "2026-12-01 15:00"),
        ("tomorrow at 9 UTC+5:30", "2026-12-01 04:30"),
        ("at 5", "2026-11-30 17:00"),
        ("9am", "2026-12-01 09:00"),
        ("on friday at 5pm", "2026-12-04 17:00"),
        ("next monday 10:00", "2026-12-07 10:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("2026-12-24T18:00:00Z", "2026-12-24 19:00"),
        ("2026-12-24", "2026-12-24 09:00"),
        ("tonight at 8", "2026-11-30 20:00"),
        ("half past 5", "2026-11-30 17:30"),
        ("midnight", "2026-12-01 00:00"),
        ("morgen um 9 Uhr", "2026-12-01 09:00"),
        ("in 20 Minuten", "2026-11-30 14:25"),
        ("24.12. 18:00", "2026-12-24 18:00"),
        ("demain à 10h", "2026-12-01 10:00"),
        ("dans 2 heures", "2026-11-30 16:05"),
        ("mañana a las 9", "2026-12-01 09:00"),
        ("завтра в 9:00", "2026-12-01 09:00"),
        ("明天9点", "2026-12-01 09:00"),
    ],
)
def test_words_mean_the_next_such_moment(words: str, expected: str) -> None:
    moment = read_moment(words, NOW, BERLIN)

    assert f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    "words",
    [
        "",
        "gibberish",
        "yesterday",
        "2020-01-01 10:00",
        "today at 13:00",
        "2026-02-30 10:00",
        "every day at 9",
        "in 999 weeks 3 hours",
        "2031-01-01",
        "x" * 500,
    ],
)
def test_what_is_no_moment_to_come_is_refused_in_words(words: str) -> None:
    with pytest.raises(ToolFailed):
        read_moment(words, NOW, BERLIN)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("PST", "America/Los_Angeles"),
        ("utc", "UTC"),
        ("UTC+5:30", "UTC+05:30"),
        ("Nowhere", "None"),
        ("../../etc/passwd", "None"),
        ("/etc/localtime", "None"),
        ("utc+15", "None"),
    ],
)
def test_a_zone_is_found_by_any_of_its_names(name: str, key: str) -> None:
    assert str(look_up_zone(name)) == key

"""The time as people are told it, wherever they live."""

from datetime import UTC, datetime

import pytest

from bot.domain.tool_errors import ToolFailed
from bot.tools.builtin.now import format_moment
from bot.tools.zones import find_zone

MOMENT = datetime(2026, 11, 30, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "Monday 2026-11-30 13:05 UTC, week 49"),
        ("Berlin", "Monday 2026-11-30 14:05 in Europe/Berlin (UTC+01:00), week 49"),
        ("New York", "Monday 2026-11-30 08:05 in America/New_York (UTC-05:00), week 49"),
        ("Auckland", "Tuesday 2026-12-01 02:05 in Pacific/Auckland (UTC+13:00), week 49"),
        ("India", "Monday 2026-11-30 18:35 in Asia/Kolkata (UTC+05:30), week 49"),
        ("UTC-3:30", "Monday 2026-11-30 09:35 UTC-03:30, week 49"),
    ],
)
def test_it_is_told_with_its_day_and_its_zone(zone: str, told: str) -> None:
    assert format_moment(MOMENT, find_zone(zone)) == told


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "x" * 100, "../etc", "UTC+99"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ToolFailed, match="I do not know the time zone"):
        find_zone(name)

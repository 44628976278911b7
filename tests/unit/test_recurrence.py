"""When digests are due: days, weeks, time zones, and clocks that are set forward and back."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import CommandError
from bot.memory.recurrence import Recurrence, describe_next


def due(recurrence: str, *moment: int) -> str:
    return (
        f"{Recurrence.parse(recurrence).next_after(datetime(*moment, tzinfo=UTC)):%Y-%m-%d %H:%M}"  # type: ignore[arg-type,misc]  # ints
    )


def test_every_day_at_its_time() -> None:
    assert due("daily 09:00", 2026, 3, 2, 8, 59) == "2026-03-02 09:00"
    assert due("daily 09:00", 2026, 3, 2, 9, 0) == "2026-03-03 09:00"


def test_every_week_on_its_day() -> None:
    assert due("weekly monday 9:00", 2026, 3, 2, 10) == "2026-03-09 09:00"
    assert due("Weekly Sunday 23:30", 2026, 3, 2, 10) == "2026-03-08 23:30"


def test_in_a_time_zone_in_summer_and_winter() -> None:
    assert due("daily 09:00 Europe/Berlin", 2026, 1, 5, 12) == "2026-01-06 08:00"
    assert due("daily 09:00 Europe/Berlin", 2026, 7, 5, 12) == "2026-07-06 07:00"
    assert due("daily 09:00 Pacific/Auckland", 2026, 7, 5, 12) == "2026-07-05 21:00"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DAILY 09:00 EUROPE/BERLIN", "daily 09:00 Europe/Berlin"),
        ("daily\t09:00\nus/eastern", "daily 09:00 US/Eastern"),
        ("Weekly FRIDAY 9:00 z", "weekly friday 09:00 UTC"),
        ("daily 09:00 utc", "daily 09:00 UTC"),
        ("daily 09:00 america/port_of_spain", "daily 09:00 America/Port_of_Spain"),
    ],
)
def test_capitals_and_white_space_do_not_matter(written: str, meant: str) -> None:
    assert str(Recurrence.parse(written)) == meant


@pytest.mark.parametrize("zone", ["Europe/Berlin", "US/Pacific", "Asia/Calcutta", "Europe/Kyiv"])
def test_time_zones_are_known_where_the_system_has_none(zone: str) -> None:
    program = (
        "import sys; from bot.memory.recurrence import Recurrence;"
        " print(Recurrence.parse(f'daily 09:00 {sys.argv[1]}'))"
    )

    done = subprocess.run(  # noqa: S603  # our own interpreter, and a zone from above
        [sys.executable, "-c", program, zone],
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == f"daily 09:00 {zone}", done.stderr


def test_a_time_that_is_jumped_over_comes_an_hour_later() -> None:
    assert due("daily 02:30 Europe/Berlin", 2026, 3, 28, 12) == "2026-03-29 01:30"


def test_a_time_that_comes_twice_counts_once() -> None:
    first = due("daily 02:30 Europe/Berlin", 2026, 10, 24, 12)

    assert first == "2026-10-25 00:30"
    assert due("daily 02:30 Europe/Berlin", 2026, 10, 25, 0, 30) == "2026-10-26 01:30"


@given(st.integers(0, 4_000_000_000), st.booleans())
def test_it_is_always_soon(moment: int, weekly: bool) -> None:
    recurrence = Recurrence.parse(f"{'weekly friday' if weekly else 'daily'} 02:30 Europe/Berlin")
    now = datetime.fromtimestamp(moment, UTC)

    assert now < recurrence.next_after(now) <= now + recurrence.period + timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hourly",
        "daily",
        "daily 25:00",
        "weekly 09:00",
        "daily 9:00 Europe/Atlantis",
        "daily 09:00 ../../etc/passwd",
        "daily 09:00 /etc",
        "weekly funday 09:00",
    ],
)
def test_what_is_no_recurrence_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        Recurrence.parse(text)


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(CommandError, match="no time zone Nowhere/X, but"):
        Recurrence.parse("daily 09:00 Nowhere/X")


@pytest.mark.parametrize(
    ("rhythm", "shown"),
    [
        ("weekly friday 16:00 Europe/Berlin", "2026-12-04 16:00 Europe/Berlin"),
        ("daily 09:00 Europe/Atlantis", "2026-12-04 15:00 UTC"),
    ],
)
def test_the_next_time_is_told_by_the_clock_of_its_zone(rhythm: str, shown: str) -> None:
    next_at = datetime(2026, 12, 4, 15, tzinfo=UTC)

    assert describe_next(rhythm, next_at) == f"{rhythm}, next at {shown}"


def test_it_is_written_as_it_is_read() -> None:
    for text in ("daily 09:00 UTC", "weekly friday 17:05 Europe/Berlin"):
        assert str(Recurrence.parse(text)) == text

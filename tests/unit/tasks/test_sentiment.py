"""The picture of how people felt, by days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.tasks.label_answers import Labelled
from bot.tasks.sentiment import draw
from bot.testing import ANA
from bot.testing.running_nellie import new_message

START = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


def said(label: str | None, days: float, count: int = 1) -> list:
    message = new_message(ANA, "x", at=START + timedelta(days=days))
    return [(message, Labelled(label, 1.0))] * count


def test_draws_a_row_for_each_day_of_the_zone() -> None:
    pairs = [
        *said("positive", 0, 16),
        *said("negative", 0, 3),
        *said("neutral", 1),
        *said("negative", 3, 4),
        *said(None, 3),
    ]

    assert draw(pairs, ZoneInfo("Europe/Berlin")) == "\n".join(
        (
            "          negative | positive",
            "Sat 11-28       ██ | ████████ -3 +16",
            "Sun 11-29          |",
            "Mon 11-30          |",
            "Tue 12-01       ██ |          -4 +0",
        )
    )
    assert draw(pairs, UTC).splitlines()[1].startswith("Fri 11-27")


def test_one_day_is_no_picture() -> None:
    assert draw(said("positive", 0, 5), UTC) == ""
    assert draw([], UTC) == ""


def test_many_days_are_drawn_by_weeks_months_or_years() -> None:
    def first_row(days: int) -> str:
        return draw([*said("positive", 0), *said("negative", days)], UTC).splitlines()[1]

    assert first_row(20).startswith("Fri 11-27")
    assert first_row(21).startswith("from 11-23")
    assert first_row(300).startswith("2026-11")
    assert first_row(3_000).startswith("2026 ")
    assert len(draw([*said("positive", 0), *said("negative", 20_000)], UTC).splitlines()) == 22


def test_every_row_is_narrow() -> None:
    pairs = [*said("positive", 0, 300), *said("negative", 21, 300)]

    assert max(map(len, draw(pairs, UTC).splitlines())) <= 40

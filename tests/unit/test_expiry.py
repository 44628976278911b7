"""When a key ends, as people write it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.language.expiry import parse_expiry, parse_past

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("30d", 30),
        ("12h", 0.5),
        ("8w", 56),
        ("6m", 180),
        ("1y", 365),
        ("90 days", 90),
        ("1Week", 7),
    ],
)
def test_a_span_counts_from_now(text: str, days: float) -> None:
    assert parse_expiry(text, NOW) == NOW + timedelta(days=days)
    assert parse_past(text, NOW) == NOW - timedelta(days=days)


@pytest.mark.parametrize("text", ["2027-01-01", " 2027-01-01 ", "20270101"])
def test_a_date_ends_as_it_begins(text: str) -> None:
    assert parse_expiry(text, NOW) == datetime(2027, 1, 1, tzinfo=UTC)


def test_never_is_no_end() -> None:
    assert parse_expiry("Never", NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "0d",
        "-3d",
        "30",
        "2026-11-30",
        "2020-01-01",
        "2026-02-30",
        "99999999d",
        "999999y",
    ],
)
def test_what_is_no_time_to_come_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 30d|is over already|ten years"):
        parse_expiry(text, NOW)

"""When a key ends, and since when something is meant: 30d, 2027-01-01, never; pure."""

import re
from datetime import UTC, date, datetime, timedelta

LONGEST = 3_650  # days that a key may live
_SPAN = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>h|d|w|m|y|hours?|days?|weeks?|months?|years?)")
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}
HOW = "30d, 12h, 8w, 6m, 1y, a date such as 2027-01-01, or never"


def parse_expiry(text: str, now: datetime) -> datetime | None:
    """When that is; None for never. A date ends as it begins, in UTC. Raises ValueError."""
    word = text.strip().lower()
    if word == "never":
        return None
    at = _parse_span(word, now) or _parse_date(word)
    if at is None:
        raise ValueError(f"“{text[:40]}” is no time: write {HOW}")
    if at <= now:
        raise ValueError(f"{text[:40]} is over already")
    if at > now + timedelta(days=LONGEST):
        raise ValueError("a key lives for ten years at most")
    return at


def parse_past(text: str, now: datetime) -> datetime:
    """The time so long ago, or the beginning of a day in UTC. Raises ValueError."""
    word = text.strip().lower()
    ahead = _parse_span(word, now)
    at = now - (ahead - now) if ahead else _parse_date(word)
    if at is None:
        raise ValueError(f"“{text[:40]}” is no time: write 2h, 7d, or a date such as 2026-11-20")
    return at


def _parse_span(word: str, now: datetime) -> datetime | None:
    found = _SPAN.fullmatch(word)
    if found is None:
        return None
    days = int(found["count"]) * _DAYS[found["unit"][0]]
    return now + timedelta(days=min(days, LONGEST + 1))


def _parse_date(word: str) -> datetime | None:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

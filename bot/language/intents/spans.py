"""A time that people name: from a moment on, until another or until now."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """A time, in UTC."""

    start: datetime
    end: datetime | None = None
    """Just after it; None where it lasts until now."""


def whole_days(first: date, count: int = 1) -> Span:
    """Some days from their first midnight on."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return Span(start, start + timedelta(days=count))

"""Times that are over, as a search is given them: a date, a moment, or words."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.tool_errors import ToolFailed
from bot.language.intents.local_days import read_span_in
from bot.language.intents.spans import Span


def read_past(text: str, now: datetime, zone: tzinfo) -> Span:
    """The time that words mean, in UTC, by the days of a zone. Raises ToolFailed."""
    span = _read_stamp(text, zone) or read_span_in(zone, text, now)
    if span is None:
        raise ToolFailed(
            reason=f"I do not understand the time “{text[:60]}”. Say it as in 2026-11-30,"
            " 2026-11-30T14:00, or yesterday."
        )
    return span


def _read_stamp(text: str, zone: tzinfo) -> Span | None:
    try:
        if len(text) == len("2026-11-30"):
            day = date.fromisoformat(text)
            start = datetime.combine(day, time(), zone)
            end = datetime.combine(day + timedelta(days=1), time(), zone)
            return Span(start.astimezone(UTC), end.astimezone(UTC))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return Span(moment, moment)

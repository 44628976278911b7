"""A time as people type it behind a command: "2h", "since monday", "2026-11-20". Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from bot.language.intents.local_days import in_days_of, read_span_in
from bot.language.intents.spans import Span

_AGO = re.compile(r"(?P<number>\d{1,4})\s*(?P<unit>m(?!o)|h|d|w)[a-z]*")
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_time(typed: str, now: datetime, zone: tzinfo = UTC) -> Span | None:
    """The time that "2h", "yesterday", "since 2026-11-20" or "in august" mean, in UTC.

    Days are those of the zone. None where the text says anything else.
    """
    when = typed.strip().lower()
    if not when:
        return None
    bare = when.removeprefix("since ").strip()
    if ago := _AGO.fullmatch(bare):
        return Span(now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])}))
    first, _, last = bare.partition("/")
    try:
        start, end = _read_moment(first, zone), _read_moment(last, zone) if last else None
        if _DATE.fullmatch(bare) and bare == when:
            next_day = in_days_of(zone, start, lambda shown: shown + timedelta(days=1))
            end = next_day if next_day <= now else end
        return Span(start, end)
    except (ValueError, OverflowError):  # UTC may be before the first year, or after the last
        span = read_span_in(zone, when, now)
        return span if span and (span.end or not when[0].isdigit()) else None


def _read_moment(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.upper())  # it knows Z, and no z
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

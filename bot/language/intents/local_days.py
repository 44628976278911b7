"""Times in words by the days of a person's time zone, where those are not the days of UTC. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from bot.language.intents.phrases import read_words
from bot.language.intents.since import read_span
from bot.language.intents.spans import Span


def read_span_in(zone: tzinfo, text: str, now: datetime) -> Span | None:
    """The time that a text means, in UTC, seen from now and by the clock of the zone."""
    span = read_span(read_words(text), show_clock(zone, now))
    return to_utc(zone, span) if span else None


def in_days_of(zone: tzinfo, moment: datetime, change: Callable[[datetime], datetime]) -> datetime:
    """A moment that was changed by the clock of the zone."""
    return _instant(zone, change(show_clock(zone, moment)))


def show_clock(zone: tzinfo, moment: datetime) -> datetime:
    """What the clock of the zone shows, as if it were UTC: whoever counts days then counts its."""
    return moment.astimezone(zone).replace(tzinfo=UTC)


def to_utc(zone: tzinfo, span: Span) -> Span:
    """A span that was counted so, as the instants that it means."""
    return Span(_instant(zone, span.start), _instant(zone, span.end) if span.end else None)


def _instant(zone: tzinfo, shown: datetime) -> datetime:
    try:
        return shown.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # UTC is before the first year, or after the last
        return shown

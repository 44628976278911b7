"""Which time: "since monday", "on 12 August", "in October", 昨日から, in many languages. Pure.

A day, a weekend or a month that is over is that time alone, unless it is named as a beginning.
All of the words must be about that time: one word more, and they are about something else.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from bot.language.calendar_lookup import (
    MONTHS,
    RELATIVE,
    UNITS,
    WEEKDAYS,
    Found,
    Lexicon,
    split_words,
)
from bot.language.intents import time_words
from bot.language.intents.month_names import NUMBERED, find_month_name
from bot.language.intents.phrases import fold_phrase
from bot.language.intents.spans import Span, whole_days
from bot.language.numbers import parse_small_number
from bot.language.particulars import blank
from bot.language.written_dates import find_written_dates

LONGEST = 200  # characters of a time in words; what is longer is none, and costs nothing

_SOME = {"couple": 2, "few": 3, "paar": 3, "quelques": 3, "pocos": 3, "несколько": 3}
_HEAD = 16  # characters before a unit in which its number stands
_HOURS = Lexicon(
    [(form, 0) for form in time_words.MINUTES.split()]
    + [(form, 1) for form in time_words.HOURS.split()]
)
_DIGIT = re.compile(r"\d")
_SHORT = re.compile(r"(\d{1,4}) ?(m|min|mins|h|hr|hrs|d|w)")
_SHORT_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))? ?(am|pm|uhr|o'?clock|h)\b|\b(\d{1,2}):(\d\d)\b")
_WEEKEND = Lexicon([(form, 5) for form in time_words.WEEKEND.split()])
_OF_TIME = (RELATIVE, WEEKDAYS, _WEEKEND, UNITS, _HOURS, MONTHS)
_ANY_OF_TIME = Lexicon([], *_OF_TIME)
_CLINGING = re.compile("|".join(time_words.CLINGING.split()))
_SINCE = frozenset(fold_phrase(time_words.SINCE).split())
_THIS = frozenset(fold_phrase(time_words.THIS).split())
_LAST = frozenset(fold_phrase(time_words.LAST).split())
_OPEN = frozenset(fold_phrase(time_words.OPEN).split())
_OPEN_CLINGING = re.compile("|".join(time_words.OPEN_CLINGING.split()))
_AGO = frozenset(fold_phrase(time_words.AGO).split())
_CLINGING_AGO = re.compile("전|前")
_NIGHT = re.compile("|".join(fold_phrase(time_words.NIGHT).split()))
_JOINING = frozenset(fold_phrase(time_words.JOINING).split())
_ABOUT_TIME = _SINCE | _OPEN | _AGO | _JOINING | frozenset(fold_phrase(time_words.WITHIN).split())
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|ten)?")
_DAYS = re.compile(r"(?<![\d-])(\d{1,2})\s?[-–]\s?(\d{1,2})(?= )")


def find_times(words: str) -> list[tuple[int, int]]:
    """Where a text has words or digits that may say from when on."""
    lexicons = _OF_TIME if _ANY_OF_TIME.is_in(words) else ()
    spans = [(found.start, found.end) for lexicon in lexicons for found in lexicon.find(words)]
    for pattern in (_DIGIT, NUMBERED):
        spans += [found.span() for found in pattern.finditer(words)]
    for form in time_words.FORMS:
        if (start := words.find(form)) >= 0:
            spans.append((start, start + len(form)))
    return sorted(spans)


def _written_out(words: str) -> str:
    """With the forms of "yesterday" and "last" that a dictionary of stems does not have."""
    for form, plain in time_words.FORMS.items():
        words = words.replace(form, plain)
    return words


def read_since(words: str, now: datetime) -> datetime | None:
    """The moment from which on words mean, seen from now; None where they say anything else."""
    span = _read_one(_written_out(words).strip(), now.astimezone(UTC))
    return span.start if span else None


def read_span(words: str, now: datetime) -> Span | None:
    """The time that words mean, seen from now; None where they say anything else."""
    if len(words) > LONGEST:
        return None
    words, now = _DAYS.sub(r"\1 to \2", _written_out(words)).strip(), now.astimezone(UTC)
    parts = words.split()
    for place, word in enumerate(parts[1:-1], 1):
        if word in _JOINING and (
            found := _read_between(parts[:place], " ".join(parts[place + 1 :]), now)
        ):
            return found
    return _read_one(words, now)


def _read_between(first: Sequence[str], last: str, now: datetime) -> Span | None:
    """Of "between 10 and 14 september", "from monday to today"."""
    to = _read_one(last, now)
    if to is None:
        return None
    start = _read_day(first, to) or _read_one(" ".join(first), now)
    if start and start.start > to.start:
        start = _read_one(" ".join(first), to.start)
    return Span(start.start, to.end) if start and start.start < to.start else None


def _read_day(words: Sequence[str], of_month: Span) -> Span | None:
    """A day that is named by its number alone, in the month of another one."""
    *_, last = [None, *(word for word in words if word not in _ABOUT_TIME)]
    day = _DAY.fullmatch(last) if last else None
    if not day or sum(word not in _ABOUT_TIME for word in words) > 1:
        return None
    try:
        return Span(of_month.start.replace(day=int(day[1])))
    except ValueError:
        return None


def _read_one(words: str, now: datetime) -> Span | None:
    if short := _SHORT.fullmatch(" ".join(w for w in words.split() if w not in _SINCE)):
        return Span(now - timedelta(**{_SHORT_UNITS[short[2][0]]: int(short[1])}))
    clock, rest = _take_clock(words)
    for find in (_find_relative, _find_counted, _find_weekday, _find_date, _find_month):
        try:
            found = find(rest, now)
        except OverflowError:
            continue
        if found and _is_only_that(found[1]):
            return _bounded(found[0], found[1], words, _at(found[0].start, clock, now), now)
    if clock and _is_only_that(rest):
        start = _at(now, clock, now)
        return Span(start if start <= now else start - timedelta(days=1))
    return None


def _bounded(span: Span, rest: str, words: str, start: datetime, now: datetime) -> Span:
    """The time from that start; until now where it is not over, or is named as a beginning."""
    is_open = span.end is None or span.end > now or _OPEN_CLINGING.search(words)
    return Span(start, None if is_open or _OPEN & set(rest.split()) else span.end)


def _take_clock(words: str) -> tuple[tuple[int, int] | None, str]:
    found = _CLOCK.search(words)
    if not found:
        return None, words
    hour, minute = int(found[1] or found[4]), int(found[2] or found[5] or 0)
    hour = hour % 12 + 12 * (found[3] == "pm") if found[3] in ("am", "pm") else hour
    if hour > 23 or minute > 59:
        return None, words
    return (hour, minute), blank(words, *found.span())


def _at(start: datetime, clock: tuple[int, int] | None, now: datetime) -> datetime:
    if clock is None:
        return min(start, now)
    return start.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)


def _is_only_that(rest: str) -> bool:
    """Whether nothing is left but words that make a time a beginning."""
    return all(word in _ABOUT_TIME for word in _CLINGING.sub(" ", rest).split())


def _find_relative(words: str, now: datetime) -> tuple[Span, str] | None:
    found = next(RELATIVE.find(words), None)
    if found is None or min(found.values) > 0:
        return None
    span = whole_days(now.date() + timedelta(days=min(found.values)))
    if _NIGHT.search(found.stem) and span.end:
        span = Span(span.start, span.end + timedelta(hours=12))  # a night ends in the morning
    rest = blank(words, found.start, found.end)
    # What is written together with the word: Hebrew "from" makes it a beginning.
    is_from = words.startswith("מ", found.start) and not found.stem.startswith("מ")
    return (Span(span.start) if is_from else span), rest


def _find_weekday(words: str, now: datetime) -> tuple[Span, str] | None:
    found = next(WEEKDAYS.find(words), None)
    weekend = None if found else next(_WEEKEND.find(words), None)
    found = found or weekend
    if found is None:
        return None
    back = (now.weekday() - found.value) % 7 or 7
    span = whole_days(now.date() - timedelta(days=back), 2 if weekend else 1)
    return span, blank(words, found.start, found.end)


def _find_counted(words: str, now: datetime) -> tuple[Span, str] | None:
    """Of "the last three days", "this week", "seit zwei Stunden"."""
    for lexicon in (_HOURS, UNITS):
        for unit in lexicon.find(words):
            if found := _count(words, unit, now, hourly=lexicon is _HOURS):
                return found
    return None


def _count(words: str, unit: Found, now: datetime, *, hourly: bool) -> tuple[Span, str] | None:
    head = words[max(0, unit.start - _HEAD) : unit.start]
    *_, before = [None, *split_words(head)]
    count = _SOME.get(before.text, parse_small_number(before.text)) if before else None
    rest = blank(words, unit.start, unit.end)
    if before and count is not None:
        at = unit.start - len(head)
        rest = blank(rest, at + before.start, at + before.end)
    elif _has(words, _LAST):
        count = 1
    elif _has(words, _THIS) and not hourly and unit.value == 7:
        return Span(whole_days(now.date() - timedelta(days=now.weekday())).start), rest
    if count is None:
        return None
    step = timedelta(hours=unit.value or 1 / 60) if hourly else timedelta(days=unit.value)
    is_open = _OPEN_CLINGING.search(words) or _OPEN & set(rest.split())
    is_day = unit.value == 1 and not hourly and not is_open
    if is_day and _AGO & set(_CLINGING_AGO.sub(" ago ", rest).split()):
        return whole_days((now - count * step).date()), rest
    return Span(now - count * step), rest


def _has(words: str, any_of: frozenset[str]) -> bool:
    return any(one in words.split() or (not one.isascii() and one in words) for one in any_of)


def _find_date(words: str, now: datetime) -> tuple[Span, str] | None:
    found = next(iter(find_written_dates(words)), None)
    days = [day for day in found.resolve(now.date()) if day <= now.date()] if found else []
    if not (found and days):
        return None
    return whole_days(max(days)), blank(words, found.start, found.end)


def _find_month(words: str, now: datetime) -> tuple[Span, str] | None:
    """A month that has begun: of this year or the last, where no year is said."""
    written = next(iter(find_written_dates(words)), None)
    if written:
        year, month, day = written.readings[0]
        start, end = written.start, written.end
        if day or not (year and month):
            return None
    else:
        named = find_month_name(words)
        if named is None:
            return None
        month, start, end = named
        is_later = month > now.month or (month == now.month and _has(words, _LAST))
        year = now.year - is_later
    first = date(year, month, 1)
    days = ((first + timedelta(days=31)).replace(day=1) - first).days
    return (whole_days(first, days), blank(words, start, end)) if first <= now.date() else None

"""From when on: "since monday", "seit drei Tagen", 昨日から, in many languages. Pure.

All of the words must be about that time: one word more, and they are about something else.
"""

import re
from datetime import UTC, date, datetime, timedelta

from bot.language.calendar_lookup import RELATIVE, UNITS, WEEKDAYS, Found, Lexicon, split_words
from bot.language.intents import time_words
from bot.language.intents.phrases import fold_phrase
from bot.language.numbers import parse_small_number
from bot.language.particulars import blank
from bot.language.written_dates import find_written_dates

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
_CLINGING = re.compile("|".join(time_words.CLINGING.split()))
_SINCE = frozenset(fold_phrase(time_words.SINCE).split())
_THIS = frozenset(fold_phrase(time_words.THIS).split())
_LAST = frozenset(fold_phrase(time_words.LAST).split())


def find_times(words: str) -> list[tuple[int, int]]:
    """Where a text has words or digits that may say from when on."""
    spans = [
        (found.start, found.end)
        for lexicon in (RELATIVE, WEEKDAYS, _WEEKEND, UNITS, _HOURS)
        for found in lexicon.find(words)
    ]
    spans += [found.span() for found in _DIGIT.finditer(words)]
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
    """The moment that words mean, seen from now, in UTC; None where they say anything else."""
    words = _written_out(words).strip()
    now = now.astimezone(UTC)
    if short := _SHORT.fullmatch(" ".join(w for w in words.split() if w not in _SINCE)):
        return now - timedelta(**{_SHORT_UNITS[short[2][0]]: int(short[1])})
    clock, rest = _take_clock(words)
    for find in (_find_relative, _find_counted, _find_weekday, _find_date):
        try:
            found = find(rest, now)
        except OverflowError:
            continue
        if found and _is_only_that(found[1]):
            return _at(found[0], clock, now)
    if clock and _is_only_that(rest):
        start = _at(now, clock, now)
        return start if start <= now else start - timedelta(days=1)
    return None


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
    return all(word in _SINCE for word in _CLINGING.sub(" ", rest).split())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _find_relative(words: str, now: datetime) -> tuple[datetime, str] | None:
    found = next(RELATIVE.find(words), None)
    if found is None or min(found.values) > 0:
        return None
    day = now.date() + timedelta(days=min(found.values))
    return _midnight(day), blank(words, found.start, found.end)


def _find_weekday(words: str, now: datetime) -> tuple[datetime, str] | None:
    found = next(WEEKDAYS.find(words), None) or next(_WEEKEND.find(words), None)
    if found is None:
        return None
    back = (now.weekday() - found.value) % 7 or 7
    return _midnight(now.date() - timedelta(days=back)), blank(words, found.start, found.end)


def _find_counted(words: str, now: datetime) -> tuple[datetime, str] | None:
    """Of "the last three days", "this week", "seit zwei Stunden"."""
    for lexicon in (_HOURS, UNITS):
        for unit in lexicon.find(words):
            if found := _count(words, unit, now, hourly=lexicon is _HOURS):
                return found
    return None


def _count(words: str, unit: Found, now: datetime, *, hourly: bool) -> tuple[datetime, str] | None:
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
        return _midnight(now.date() - timedelta(days=now.weekday())), rest
    if count is None:
        return None
    step = timedelta(hours=unit.value or 1 / 60) if hourly else timedelta(days=unit.value)
    return now - count * step, rest


def _has(words: str, any_of: frozenset[str]) -> bool:
    return any(one in words.split() or (not one.isascii() and one in words) for one in any_of)


def _find_date(words: str, now: datetime) -> tuple[datetime, str] | None:
    found = next(iter(find_written_dates(words)), None)
    days = [day for day in found.resolve(now.date()) if day <= now.date()] if found else []
    if not (found and days):
        return None
    return _midnight(max(days)), blank(words, found.start, found.end)

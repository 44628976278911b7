"""Every day that a text may speak of, in any language: what a right date may have been read from.

Generous on purpose: a date that a model wrote is kept when one plausible reading leads to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from bot.language.calendar_lookup import RELATIVE, UNITS, WEEKDAYS, Found, split_words
from bot.language.folding import fold_values
from bot.language.numbers import parse_small_number
from bot.language.particulars import blank, blank_particulars, find_particulars
from bot.language.relative_dates import find_phrases
from bot.language.written_dates import find_bare_days, find_written_dates, nearest

_FARTHEST = 1_000  # days from the day on which a time is said
_HEAD = 24  # characters before a unit of time in which its number stands
_MONTH_END = re.compile(
    r"\bend of (?:the |this |next )?month|\beom\b|monatsende"
    r"|ende (?:des|dieses|vom) monats?|fin de mes|fin du mois|fine mese"
    r"|fim do mes|кон\w+ месяца|кін\w+ місяця|月末|月底|월말|ay sonu|τελ\w+ του μηνα|cuoi thang"
    r"|نهاية الشهر|סוף החודש|महीने के अंत"
)
_WEEKEND = re.compile(
    r"\bweekend|wochenende|fin de semana|finde\b|выходн|вихідн|週末|周末|주말|hafta sonu"
    r"|fim de semana|σαββατοκυριακο|cuoi tuan|نهاية الاسبوع|סוף השבוע|सप्ताहांत"
)


@dataclass(frozen=True, slots=True)
class TimesSaid:
    """What a text, said on a day, may have meant."""

    days: frozenset[date]
    """Single days; the day itself only where it is spoken of."""
    weeks: frozenset[date]
    """Days of weeks that it names as a whole: "next week"."""


def find_dates(text: str, on: date) -> set[date]:
    """The dates that a text may mean, said on that day; and the day."""
    said = read_times(text, on)
    return {on, *said.days, *said.weeks}


@lru_cache(maxsize=1 << 7)
def read_times(text: str, on: date) -> TimesSaid:
    """The days that a text may mean, said on that day."""
    days, weeks = set(_find_short_dates(text, on)), set[date]()
    text = blank_particulars(text)
    for start, end, found in find_phrases(text, on):
        (weeks if len(found) > 3 else days).update(found)
        text = blank(text, start, end)
    folded = fold_values(text)
    for written in find_written_dates(folded):
        days |= written.resolve(on)
    for day in find_bare_days(folded):
        days.update(nearest(day, on))
    for relative in RELATIVE.find(folded):
        days.update(day for value in relative.values for day in _shift(on, value))
    for weekday in WEEKDAYS.find(folded):
        ahead = (weekday.value - on.weekday() - 1) % 7 + 1
        days.update(day for weeks_off in (-7, 0, 7) for day in _shift(on, ahead + weeks_off))
    days.update(_find_ends(folded, on))
    for unit in UNITS.find(folded):
        days.update(_count_from(folded, unit, on))
        if unit.value == 7:
            weeks.update(day for off in range(-13, 14) for day in _shift(on, off))
    return TimesSaid(frozenset(days), frozenset(weeks))


def _find_short_dates(text: str, on: date) -> Iterator[date]:
    """Of 23.11.26, which may be a version too."""
    for part in find_particulars(text):
        if part.kind == "version":
            for written in find_written_dates(part.value):
                yield from written.resolve(on)


def _find_ends(folded: str, on: date) -> Iterator[date]:
    if _MONTH_END.search(folded):
        for later in _shift(on.replace(day=1), 31):
            yield from (end for first in nearest(1, later) for end in _shift(first, -1))
    if _WEEKEND.search(folded):
        for off in range(-8, 14):
            yield from (day for day in _shift(on, off) if day.weekday() > 4)


def _count_from(folded: str, unit: Found, on: date) -> Iterator[date]:
    """So many days, weeks or months from that day, either way: "in zwei Wochen", 3일 전."""
    *_, before = [None, *split_words(folded[max(0, unit.start - _HEAD) : unit.start])]
    count = _read_count(before.text) if before else None
    if count is None:
        if unit.value == 1:
            return
        count = 1
    for sign in (-1, 1):
        if unit.value == 30:
            yield from _shift_months(on, sign * count)
        yield from _shift(on, sign * count * unit.value)


def _read_count(word: str) -> int | None:
    """The number that a word is, or ends with: 約三, حوالي."""
    endings = (word[at:] for at in range(max(0, len(word) - 4), len(word)))
    count = parse_small_number(word)
    if count is None and not word.isascii() and not word[-1].isdigit():
        count = next(
            (n for end in endings if (n := parse_small_number(end)) and len(end) < 3), None
        )
    return count


def _shift_months(on: date, months: int) -> Iterator[date]:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    try:
        yield date(year, month + 1, on.day)
    except ValueError:
        return


def _shift(on: date, days: int) -> Iterator[date]:
    if abs(days) <= _FARTHEST:
        try:
            yield on + timedelta(days)
        except OverflowError:
            return

"""Dates as people write them: 2026-03-15, 15.3.2026, 3/15, March 15th, 15 марта, 3月15日."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.language.calendar_lookup import MONTHS, Found
from bot.language.numbers import parse_small_number

_YEAR_FIRST = re.compile(
    r"(?<![\d.])(\d{4})(?:-|/|\.|年 ?|년 ?)(\d{1,2})(?:-|/|\.|月 ?|월 ?)(\d{1,2})(?!\d)[日号號일]?"
)
# Hebrew joins "on" to a date by a hyphen.
_NO_MINUS = r"(?<![^\u05d0-\u05ea]-)(?<!^-)"
_YEAR_LAST = re.compile(
    rf"(?<![\d.,/]){_NO_MINUS}(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d\d)(?![\d/])"
)
_PAIR = re.compile(
    rf"(?<![\d.,/:]){_NO_MINUS}(\d{{1,2}})(?:/(\d{{1,2}})|\. ?(\d{{1,2}})\.?)"
    r"(?![\d/:%]|[.,]\d)"
)
_EAST = re.compile(r"(?<!\d)(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]?")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2}) ?thang ?(\d{1,2})(?:[ ,]*nam (\d{4}))?(?!\d)")
_DAY_BEFORE = re.compile(
    r"(?<![\d.,:/])(\d{1,2}|[^\W\d]{3,12})(?:st|nd|rd|th|er|[ºª.])?,?\s*(?:-?(?:го|е|е)\s+)?"
    r"(?:of |de |do |di |the |ה?-?)?$"
)
_DAY_AFTER = re.compile(r"\.?\s*(?:the |ה-?)?(\d{1,2})(?!\d|:\d|[.,]\d)(?:st|nd|rd|th|\.)?")
_YEAR = re.compile(r"(?:st|nd|rd|th|\.)?,?\s*(?:de |del |do |of |г\.? ?)?((?:19|20)\d\d)(?!\d)")
_BARE_DAY = re.compile(
    r"(?:\b(?:the|am|le|el|dia|il|den|zum|vom|dem|ngay|mung|στισ|on|op|до|до|к|на|от|по|с|з|em|del"
    r"|al|no|у|يوم)\s+|\bב-?|\bה-?)(\d{1,2})(?![\d:/%]|[.,]\d)"
    r"|(?<![\d.,:/])(\d{1,2})(?:(?:st|nd|rd|th|er|º|\.(?!\d)|-?го|-?ого|-?е|'?(?:i|inde|ine|una|sine|u"
    r"|unda|si))\b|[日号號일]| числа| तारीख| לחודש)"
)
_YEAR_MONTH = re.compile(r"(?<![\d.,/-])((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\d-])")
Reading = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date in a folded text: (year, month, day), each None where it is not given."""

    start: int
    end: int
    readings: tuple[Reading, ...]
    certain: bool = True
    """It can be nothing else; `3/4` and `3.4.` can."""

    def resolve(self, on: date) -> set[date]:
        """The days that it may mean, written on that day; none for a month alone."""
        return {day for reading in self.readings for day in _resolve(reading, on)}


def find_written_dates(text: str) -> list[WrittenDate]:
    """The dates of a folded text, none within another; days without a month are not among them."""
    found: list[WrittenDate] = []
    for find in (_find_year_first, _find_year_last, _find_eastern, _find_named, _find_pairs):
        for one in find(text):
            if not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def find_bare_days(text: str) -> set[int]:
    """The days of a month that a folded text names by their number alone: "on the 15th"."""
    days = {int(before or after) for before, after in _BARE_DAY.findall(text)}
    return {day for day in days if 1 <= day <= 31}


def nearest(day: int, on: date) -> Iterator[date]:
    """That day of this month and of those beside it."""
    for months in (-1, 0, 1):
        year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
        yield from _valid(year, month + 1, day)


_VIETNAMESE_NUMBERS = frozenset(["bon", "tu", "nam", "lam", "sau", "bay", "tam", "chin", "muoi"])


def _find_year_first(text: str) -> Iterator[WrittenDate]:
    for one in _YEAR_FIRST.finditer(text):
        yield WrittenDate(*one.span(), ((int(one[1]), int(one[2]), int(one[3])),))
    for one in _YEAR_MONTH.finditer(text):
        yield WrittenDate(*one.span(), ((int(one[1]), int(one[2]), None),))


def _find_year_last(text: str) -> Iterator[WrittenDate]:
    for one in _YEAR_LAST.finditer(text):
        first, second, year = int(one[1]), int(one[3]), int(one[4]) + 2000 * (len(one[4]) == 2)
        if any(_valid(year, month, day) for month, day in ((first, second), (second, first))):
            yield WrittenDate(*one.span(), ((year, first, second), (year, second, first)))


def _find_eastern(text: str) -> Iterator[WrittenDate]:
    for one in _EAST.finditer(text):
        yield WrittenDate(*one.span(), ((None, int(one[1]), int(one[2])),))
    for one in _VIETNAMESE.finditer(text):
        year = int(one[3]) if one[3] else None
        yield WrittenDate(*one.span(), ((year, int(one[2]), int(one[1])),))


def _find_named(text: str) -> Iterator[WrittenDate]:
    for month in MONTHS.find(text):
        start, end, day = _day_beside(text, month)
        year = _YEAR.match(text, end)
        if year:
            end = year.end()
        if day or year:
            reading = (int(year[1]) if year else None, month.value, day)
            yield WrittenDate(start, end, (reading,))


def _day_beside(text: str, month: Found) -> tuple[int, int, int | None]:
    """(start, end, day) of the month with the day that stands before or behind it."""
    head = text[max(0, month.start - 24) : month.start]
    before, after = _DAY_BEFORE.search(head), _DAY_AFTER.match(text, month.end)
    if before and not before[1].isdigit() and (after or before[1] in _VIETNAMESE_NUMBERS):
        before = None  # six machines are sáu máy
    day = parse_small_number(before[1]) if before else None
    if before and day and day <= 31:
        return month.start - len(head) + before.start(1), month.end, day
    if after and 1 <= int(after[1]) <= 31:
        return month.start, after.end(), int(after[1])
    return month.start, month.end, None


def _find_pairs(text: str) -> Iterator[WrittenDate]:
    for one in _PAIR.finditer(text):
        first, second = int(one[1]), int(one[2] or one[3])
        yield WrittenDate(
            *one.span(), ((None, first, second), (None, second, first)), certain=False
        )


def _resolve(reading: Reading, on: date) -> Iterator[date]:
    year, month, day = reading
    if month is None or day is None:
        return
    for one in (year,) if year else (on.year - 1, on.year, on.year + 1):
        yield from _valid(one, month, day)


def _valid(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []

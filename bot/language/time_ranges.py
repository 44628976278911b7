"""Which days a question speaks of: "yesterday", "last March", "on 8 May 2023". Pure; English."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.language.particulars import blank_particulars
from bot.language.relative_dates import MONTHS, WEEKDAYS

_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "few": 3, "couple": 2}
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_DATE = re.compile(
    rf"\b(?:{_DAY}\s+(?:of\s+)?)?({_MONTH})\b\.?(?:\s+{_DAY}\b)?(?:,?\s+((?:19|20)\d\d)\b)?", re.I
)
_YEAR = re.compile(r"\b(?:in|of|during|since)\s+((?:19|20)\d\d)\b", re.I)
_WEEKDAY = re.compile(
    rf"(?<!every )(?<!from )\b(?:on|last|this)\s+({'|'.join(WEEKDAYS)})\b"
    rf"(?!,?\s+(?:the\s+)?(?:\d|(?:{_MONTH})\b\.?\s+\d))",
    re.I,
)
_AGO = re.compile(
    rf"\b(\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?:of\s+)?(day|week|month|year)s?\s+ago\b", re.I
)
_NEAR = re.compile(
    r"(?<!\bno )\b((?:(?:the )?day (?:before|after) "
    r"|(?:days|weeks?|months?|years?) (?:from|before|after) )?"
    r"(?:yesterday|today|tonight|tomorrow)|this morning"
    r"|(?:last|this|past) (?:night|week|month|year))\b",
    re.I,
)
_DAYS_BACK = {
    "day before yesterday": 2,
    "yesterday": 1,
    "last night": 1,
    "day after yesterday": 0,
    "day before tomorrow": 0,
    "today": 0,
    "tonight": 0,
    "this morning": 0,
}
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_OTHER_WORDS = "ago yesterday today tonight tomorrow morning night"
# Each time has a digit or one of these.
_TELLING = frozenset(
    [*MONTHS, *(month[:3] for month in MONTHS), *WEEKDAYS, *_UNIT_DAYS, *_OTHER_WORDS.split()]
)
_WORD_OR_DIGIT = re.compile(r"[a-z_]+|\d")
_EDGE = timedelta(days=3)  # people often tell of a day some days after it


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From a moment on, for some days."""

    start: datetime
    days: int

    @property
    def end(self) -> datetime:
        """Just after it."""
        return self.start + timedelta(days=self.days)

    def score(self, at: datetime) -> float:
        """How well a moment fits: 2 on that very day, 1 within a longer time, less around it."""
        if self.start <= at < self.end:
            return 2.0 if self.days <= 2 else 1.0
        if self.start - _EDGE <= at < self.end + _EDGE:
            return 1.5 if self.days <= 2 else 0.5
        return 0.0


def find_time_ranges(text: str, now: datetime) -> list[TimeRange]:
    """The times that a text names, as seen from now, in UTC; none where there are none."""
    if not _may_name_one(text):
        return []
    now = now.astimezone(UTC)
    text = blank_particulars(text)
    found: list[TimeRange] = []
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for find in (_find_dates, _find_years, _find_near, _find_weekdays, _find_ago):
        try:
            found += find(text, today)
        except (ValueError, OverflowError):  # 31 June, the year 0
            continue
    return found


def _may_name_one(text: str) -> bool:
    """Whether it may, which takes a fraction of the time; most questions name none."""
    if not text.isascii():
        return True
    return any(word in _TELLING or word.isdigit() for word in _WORD_OR_DIGIT.findall(text.lower()))


def _find_dates(text: str, today: datetime) -> Iterator[TimeRange]:
    for year, month, day in _ISO.findall(text):
        yield TimeRange(datetime(int(year), int(month), int(day), tzinfo=UTC), 1)
    for before, name, after, year in _DATE.findall(text):
        day = before or after
        if not (day or year) and not re.search(
            rf"\b(?:in|from|last|since|this) {name}\b", text, re.I
        ):
            continue  # it may be a verb, or a person
        month = 1 + next(n for n, full in enumerate(MONTHS) if full.startswith(name.lower()[:3]))
        start = datetime(int(year or today.year), month, 1, tzinfo=UTC)
        if not year and start > today:
            start = start.replace(year=start.year - 1)
        yield TimeRange(start.replace(day=int(day)), 1) if day else TimeRange(start, 31)


def _find_years(text: str, today: datetime) -> Iterator[TimeRange]:
    if not _DATE.search(text):
        for year in _YEAR.findall(text):
            yield TimeRange(datetime(int(year), 1, 1, tzinfo=UTC), 365)


def _find_near(text: str, today: datetime) -> Iterator[TimeRange]:
    for phrase in _NEAR.findall(text):
        when = phrase.casefold().removeprefix("the ")
        if when in _DAYS_BACK:
            yield TimeRange(today - timedelta(days=_DAYS_BACK[when]), 1)
        elif (unit := when.split()[-1]) in _UNIT_DAYS:
            days = _UNIT_DAYS[unit]
            back = 2 * days if when.startswith("last") else days
            yield TimeRange(today - timedelta(days=back), back + 1)


def _find_weekdays(text: str, today: datetime) -> Iterator[TimeRange]:
    for name in _WEEKDAY.findall(text):
        back = (today.weekday() - WEEKDAYS.index(name.casefold())) % 7 or 7
        yield TimeRange(today - timedelta(days=back), 1)


def _find_ago(text: str, today: datetime) -> Iterator[TimeRange]:
    for many, unit in _AGO.findall(text):
        days = _UNIT_DAYS[unit.casefold()]
        count = int(many) if many.isdigit() else _NUMBERS[many.casefold()]
        slack = max(1, days // 2)
        yield TimeRange(today - timedelta(days=count * days + slack - 1), 2 * slack - 1)

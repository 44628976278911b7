"""What "tomorrow" meant on the day it was said: relative words of English, resolved to dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_PHRASE = re.compile(
    rf"\b(?:(?P<day>{'|'.join(_DAYS)})"
    rf"|(?:(?P<which>last|next|this)\s+)?(?P<weekday>{'|'.join(WEEKDAYS)})"
    r"|in\s+(?P<ahead>\d{1,3})\s+(?P<ahead_unit>day|week)s?"
    r"|(?P<ago>\d{1,3})\s+(?P<ago_unit>day|week)s?\s+ago"
    r"|(?P<week>last|next)\s+week)\b(?!\s*\(\d{4}-)",
    re.IGNORECASE,
)


def find_dates(text: str, on: date) -> set[date]:
    """The dates that the relative words of a text may mean, said on that day; and the day."""
    return {on, *(day for phrase in _PHRASE.finditer(text) for day in _read_dates(phrase, on))}


def add_dates(text: str, on: date) -> str:
    """The text with its date behind each relative word that has one meaning alone."""

    def add_date(phrase: re.Match[str]) -> str:
        days = list(_read_dates(phrase, on))
        return f"{phrase.group()} ({days[0]})" if len(days) == 1 else phrase.group()

    return _PHRASE.sub(add_date, text)


def _read_dates(phrase: re.Match[str], on: date) -> Iterator[date]:
    try:
        yield from (on + timedelta(days) for days in _read_offsets(phrase, on))
    except OverflowError:
        return


def _read_offsets(phrase: re.Match[str], on: date) -> list[int]:
    """How many days away the dates are that a phrase may mean."""
    if day := phrase["day"]:
        return [_DAYS[day.lower()]]
    if weekday := phrase["weekday"]:
        ahead = (WEEKDAYS.index(weekday.lower()) - on.weekday() - 1) % 7 + 1
        which = (phrase["which"] or "").lower()
        return {"last": [ahead - 7 or -7], "next": [ahead, ahead + 7]}.get(which, [ahead])
    if phrase["ahead"]:
        return [int(phrase["ahead"]) * _days_in(phrase["ahead_unit"])]
    if phrase["ago"]:
        return [-int(phrase["ago"]) * _days_in(phrase["ago_unit"])]
    monday = 7 * (1 if phrase["week"].lower() == "next" else -1) - on.weekday()
    return list(range(monday, monday + 7))


def _days_in(unit: str) -> int:
    return 7 if unit.lower() == "week" else 1

"""A moment to come, in words: "in 20 minutes", "tomorrow at 9", "Friday 17:00 Europe/Berlin".

Read generously, in the languages of the calendar: what came out is always said, for people to see.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.tool_errors import ToolFailed
from bot.language.calendar_lookup import UNITS, Lexicon, split_words
from bot.language.clocks import Clock, find_clocks
from bot.language.folding import fold_values
from bot.language.intents.time_words import HOURS, MINUTES
from bot.language.numbers import parse_small_number
from bot.language.time_expressions import read_times
from bot.tools.zones import look_up_zone

LONGEST = 120  # characters
FARTHEST = timedelta(days=2 * 366)
MORNING = time(9)  # of a day that is named without an hour
_SHORT = Lexicon(
    [(form, 1) for form in MINUTES.split()]
    + [(form, 60) for form in HOURS.split()]
    + [("=m", 1), ("=h", 60), ("=d", 1_440), ("=w", 10_080)]
)
_DIGITS_JOINED = re.compile(r"(\d+)(?=(?:m|h|d|w|min|mins|hrs?)\b)")
_HALVES = re.compile(r"\bhalf an hour\b|\bhalben? stunde\b")
_AND_A_HALF = re.compile(r"\b(\d+)[.,]5 ?(?=h|std|stunde)|\b(\d+) and a half(?= h)")
_AHEAD = re.compile(r"\b(?:in|dans|en|within|tra|fra|through|через|em|over|za) (\w+)|from now\b")
_AT_HOUR = re.compile(r"\b(?:a|um|at|as|alle|kl|las) \d{1,2} ?h\b")
_HALF_JOINED = re.compile(r"(?<=\d)(?=(?:am|pm)\b)")
_AGAIN = re.compile(
    r"\b(?:every|each|daily|weekly|monthly|jed\w+|chaque|todos|cada|ogni|кажд\w+)\b"
)
_A = {"a", "an", "one", "eine", "einer", "einem", "ein", "une", "un", "una", "uno", "en", "um"}
_TONIGHT = re.compile(r"\b(?:tonight|this evening|heute abend|ce soir|esta noche|stasera)\b")
_DAYTIMES = {
    r"\bmorning\b|\bmorgens\b|\bmatin\b": time(9),
    r"\bafternoon\b|nachmittag|\bapres-midi\b": time(15),
    r"\bevening\b|\babend|\bsoir\b|\btonight\b": time(20),
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)? ?(?:Z|[+-]\d\d:?\d\d)?")


def read_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that words mean, seen from now and in a zone. Raises ToolFailed.

    A zone that the words themselves name goes before the other.
    """
    if len(text) > LONGEST:
        raise ToolFailed(reason=f"Say when in at most {LONGEST} characters.")
    words, zone = _take_zone(" ".join(text.split()), zone)
    if _AGAIN.search(fold_values(words)):
        raise ToolFailed(reason="I remind once, not again and again. Say one time.")
    local = now.astimezone(zone)
    moment = _read_stamp(words, zone) or _read_ahead(words, local) or _read_day(words, local)
    if moment is None:
        raise ToolFailed(
            reason=f"I do not understand when “{text}” is. Say it as in 2026-12-24 18:00, in 20"
            " minutes, or tomorrow at 9:00."
        )
    if moment <= now:
        raise ToolFailed(reason=f"{moment:%Y-%m-%d %H:%M %Z} is over: it is {local:%H:%M} now.")
    if moment - now > FARTHEST:
        raise ToolFailed(reason="That is more than two years ahead.")
    return moment


def _take_zone(words: str, zone: tzinfo) -> tuple[str, tzinfo]:
    """The words without the zone that they end with, as in "9:00 New York"."""
    parts = words.split()
    for size in (3, 2, 1):
        if len(parts) > size:
            named = " ".join(parts[-size:]).strip("()")
            if not named[:1].isdigit() and (found := look_up_zone(named)):
                return " ".join(parts[:-size]), found
    return words, zone


def _read_stamp(words: str, zone: tzinfo) -> datetime | None:
    if not _STAMP.fullmatch(words):
        return None
    try:
        stamp = datetime.fromisoformat(words.replace(" +", "+").replace(" Z", "Z"))
    except ValueError:
        raise ToolFailed(reason=f"There is no {words}.") from None
    if len(words) == len("2026-12-24"):
        stamp = datetime.combine(stamp.date(), MORNING)
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)


def _read_ahead(words: str, local: datetime) -> datetime | None:
    """Of "in 2 hours 30 minutes": counted by the minute. Days alone are dates."""
    folded = _DIGITS_JOINED.sub(r"\1 ", _HALVES.sub("30 minutes", fold_values(words)))
    folded = _AND_A_HALF.sub(lambda found: f"{found[1] or found[2]} hours 30 minutes ", folded)
    counted = list(_count_minutes(folded)) if _is_amount(folded, words, local.date()) else []
    if not counted:
        return None
    try:
        return (local + timedelta(minutes=sum(counted))).replace(microsecond=0)
    except OverflowError:
        raise ToolFailed(reason="That is more than two years ahead.") from None


def _is_amount(folded: str, words: str, today: date) -> bool:
    """Whether it counts from now on: with "10h" alone, people may mean ten o'clock."""
    if re.search(r"\d:\d\d", folded) or _AT_HOUR.search(folded):
        return False
    ahead = _AHEAD.search(folded)
    if ahead and (ahead[1] is None or ahead[1] in _A or parse_small_number(ahead[1])):
        return True
    return not read_times(words, today).days


def _count_minutes(folded: str) -> Iterator[int]:
    found = list(_SHORT.find(folded))
    for unit in found:
        if (count := _count_before(folded, unit.start)) is not None:
            yield count * unit.value
    if found:  # with days beside hours: "in 1 day and 2 hours"
        for unit in UNITS.find(folded):
            if (count := _count_before(folded, unit.start)) is not None and unit.value < 30:
                yield count * unit.value * 1_440


def _count_before(folded: str, start: int) -> int | None:
    *_, before = [None, *split_words(folded[max(0, start - 24) : start])]
    if before is None:
        return None
    return 1 if before.text in _A else parse_small_number(before.text)


def _read_day(words: str, local: datetime) -> datetime | None:
    """A day, a time of day, or both; the next one that is to come."""
    folded = _HALF_JOINED.sub(" ", fold_values(words))
    clocks = sorted(find_clocks(folded) or find_clocks(folded, generous=True))
    times = [_choose(clocks, folded)] if clocks else [_daytime(folded)]
    days = sorted(day for day in _days(words, local.date()) if day >= local.date())
    if times[0] is None and not days:
        return None
    at = times[0] or MORNING
    for day in days or [local.date(), local.date() + timedelta(days=1)]:
        for candidate in (at, *_twins(at, clocks)):
            moment = datetime.combine(day, candidate, local.tzinfo)
            if moment > local:
                return moment
    last = (days or [local.date()])[-1]
    return datetime.combine(last, at, local.tzinfo)


def _days(words: str, today: date) -> set[date]:
    said = read_times(words, today)
    return set(said.days) or ({today} if _TONIGHT.search(fold_values(words)) else set())


def _daytime(folded: str) -> time | None:
    return next((at for words, at in _DAYTIMES.items() if re.search(words, folded)), None)


def _choose(clocks: list[Clock], folded: str) -> time:
    """Of both halves of a day, the one that is written; in the evening, the later one."""
    hours = [time(*clock) for clock in clocks]
    noon = [one for one in hours if one.hour == 12]
    if noon and len(hours) > 1:
        return noon[0]
    late = _daytime(folded)
    return hours[-1] if late and late.hour > 12 else hours[0]


def _twins(at: time, clocks: list[Clock]) -> list[time]:
    """The other half of today, where that one is over: at two in the afternoon, 5 is 17:00."""
    return [time(*one) for one in clocks if time(*one) > at]

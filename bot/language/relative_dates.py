"""What "tomorrow" meant on the day it was said: relative words of English, resolved to dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.language.particulars import find_particulars
from bot.language.written_dates import find_written_dates

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
_DAYS = {"today": 0, "tonight": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
_COUNT_WORDS = "a/an/one two three four five six seven eight nine ten eleven twelve"
_COUNTS = {
    word: value for value, words in enumerate(_COUNT_WORDS.split(), 1) for word in words.split("/")
}
_COUNT = rf"\d{{1,3}}|{'|'.join(_COUNTS)}"
_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_WEEKDAY = "|".join(WEEKDAYS)
PHRASE = re.compile(
    r"\b(?:(?:the\s+)?day\s+(?P<beside>after|before)\s+(?P<beside_day>tomorrow|yesterday)"
    rf"|(?P<count>{_COUNT})\s+(?P<unit>day|week|fortnight)s?\s+(?P<way>from|after|before)\s+"
    rf"(?:(?P<anchor>{'|'.join(_DAYS)})|(?P<anchor_weekday>{_WEEKDAY}))"
    r"|(?P<day>today|tonight|tomorrow|yesterday)"
    rf"|(?:(?P<which>last|next|this)\s+)?(?P<weekday>{_WEEKDAY})s?"
    rf"|in\s+(?P<ahead>{_COUNT})\s+(?P<ahead_unit>day|week)s?"
    rf"|(?P<ago>{_COUNT})\s+(?P<ago_unit>day|week)s?\s+ago"
    r"|(?P<week>last|next)\s+week)\b(?:['’]s\b)?",
    re.IGNORECASE,
)

_DATED = re.compile(r"\s*\(\d{4}-")
_QUOTE = re.compile(
    r'"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|「[^」]*」|(?<!\w)[\'‘][^\'‘’]+[\'’](?!\w)'
)
_JOINED_BEFORE = re.compile(r"[\w#@/\\=$%&._~|–-]$|(?<=\w)['’]$")
_JOINED_AFTER = re.compile(r"[/\\=_–-]\w|[.:]\w|['’]\w|\(\)|\]\(")
_OPTION = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]*\s+$")  # of a command: --since yesterday
# What makes another time, or none, of the words that follow or precede.
_BENT_BEFORE = re.compile(
    r"\b(?:no|of|the|every|each|any|most|weeks?|fortnight|months?|years?|days?|from|than|times?"
    r"|once|twice|only|about|around|almost|nearly|over|under|least|before|after|half|some|roughly"
    rf"|approximately|approx\.?|circa|up\s+to|(?:{_COUNT})\s*(?:or|to|and|[-–]))\s*$"
    r"|\d[ ,'’\u00a0\u2009\u202f]$",  # 1,000 days ago
    re.IGNORECASE,
)
_BENT_BEFORE_DAY = re.compile(
    r"\b(?:no|of|every|each|ago|the|(?:hours?|days?|weeks?|fortnights?|months?|years?)"
    r"(?:\s+(?:from|before|after))?)\s+$",
    re.IGNORECASE,
)
_BENT_AFTER = re.compile(
    r"\s+(?:never|weeks?\b|from\b|(?:of|in|before|after)\s+(?:the\s+)?[\w]+"
    r"|or\s+(?:(?:\w+\s+)?(?:days?|weeks?)|so\b|two\b|three\b)"
    rf"|(?:on\s+|last\s+|next\s+)?(?:{'|'.join(_DAYS)}|{_WEEKDAY})\b)",
    re.IGNORECASE,
)
_BENT_AFTER_DAY = re.compile(r"\s+(?:never|week\b|fortnight\b)", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|&gt;).*$", re.MULTILINE)  # said on another day
_SENTENCE = re.compile(r"[.!?;\n]")
# "Yesterday Ana said that she ships tomorrow": whose tomorrow is meant, nobody can tell.
_SPOKE = re.compile(
    r"\b(?:said|told|promised|wrote|announced|thought|hoped|planned|wanted|warned|claimed|asked)\b",
    re.IGNORECASE,
)
_ANOTHER_DAY = re.compile(
    rf"\b(?:yesterday|ago|last\s+(?:week|month|year|night)|{_WEEKDAY})\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[.!?;:,()]|\b(?:and|but|so|which|that)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:\w*[^\We]ed|was|were|had|did|been|built|made|wrote|took|got|went|ran|broke|lost|came|found"
    r"|sent|done|gone|rose|fell|grew|shut|cut|sold|spent|won|held|paid|read|saw|said|kept|left)\b",
    re.IGNORECASE,
)
_NEAR_DATE = 6  # characters between a phrase and the date that it has already


def add_dates(text: str, on: date) -> str:
    """The text with its date behind each relative phrase that can mean that day alone.

    Names, links, code and quotes stay as they are, and so does every phrase whose direction only
    the context would tell ("on Friday").
    """
    protected = [(part.start, part.end) for part in find_particulars(text)]
    protected += [quoted.span() for quoted in _QUOTE.finditer(text)]
    protected += [line.span() for line in _QUOTED_LINE.finditer(text)]
    lower = text.lower()
    if len(lower) == len(text):
        written = [(one.start, one.end) for one in find_written_dates(lower)]
    else:
        written = []

    def add_date(phrase: re.Match[str]) -> str:
        start, end = phrase.span()
        if any(start < last and first < end for first, last in protected):
            return phrase.group()
        days = set(_read_dates(phrase, on))
        if len(days) != 1 or not _is_plain(text, phrase) or _has_date(text, phrase, written):
            return phrase.group()
        return f"{phrase.group()} ({days.pop()})"

    return PHRASE.sub(add_date, text)


def find_phrases(text: str, on: date) -> Iterator[tuple[int, int, set[date]]]:
    """(start, end, the days that it may mean) of each relative phrase of English."""
    for phrase in PHRASE.finditer(text):
        yield *phrase.span(), set(_read_dates(phrase, on))


def _is_plain(text: str, phrase: re.Match[str]) -> bool:
    """Whether it is a time as it stands, and no name, idiom or part of a longer time."""
    before, after = text[: phrase.start()], text[phrase.end() :]
    if _JOINED_BEFORE.search(before[-2:]) or _JOINED_AFTER.match(after) or _OPTION.search(before):
        return False
    sentence = _SENTENCE.split(before)[-1]
    if _SPOKE.search(sentence) and _ANOTHER_DAY.search(sentence):
        return False
    day = phrase["day"] is not None
    if (_BENT_BEFORE_DAY if day else _BENT_BEFORE).search(before[-24:]):
        return False
    if (_BENT_AFTER_DAY if day else _BENT_AFTER).match(after):
        return False
    clause = f"{_CLAUSE.split(before)[-1]} {_CLAUSE.split(after)[0]}"
    if phrase["ahead"] and (_PAST.search(clause) or after.startswith(("'", "’"))):
        return False  # "it was built in 3 days" is how long it took
    return not _is_name(before, phrase, after)


def _is_name(before: str, phrase: re.Match[str], after: str) -> bool:
    """Whether capital letters speak for a name: "USA Today", "Tomorrow Never Dies"."""
    text = phrase.group()
    if not text[0].isupper() or (text.isupper() and before[-2:-1].isupper()):
        return False
    if phrase["weekday"] and text[0] == phrase["weekday"][0] and not phrase["which"]:
        return True
    follows = re.match(r"\s+([^\W\d_])(\w)", after)
    in_sentence = before.rstrip()[-1:] not in ("", ".", "!", "?", ":", "…", "-", "*", "•", "(")
    return in_sentence or bool(follows and follows[1].isupper() and follows[2].islower())


def _has_date(text: str, phrase: re.Match[str], written: list[tuple[int, int]]) -> bool:
    """Whether the date stands beside it already."""
    return bool(_DATED.match(text, phrase.end())) or any(
        _is_gap(text[phrase.end() : start])
        if start >= phrase.end()
        else _is_gap(text[end : phrase.start()])
        for start, end in written
    )


def _is_gap(between: str) -> bool:
    return len(between) <= _NEAR_DATE and not re.sub(r"\b(?:the|on)\b", "", between).strip(" ,(:–-")


def _read_dates(phrase: re.Match[str], on: date) -> Iterator[date]:
    for days in _read_offsets(phrase, on):
        try:
            yield on + timedelta(days)
        except OverflowError:
            continue


def _read_offsets(phrase: re.Match[str], on: date) -> list[int]:
    """How many days away the dates are that a phrase may mean."""
    if beside := phrase["beside"]:
        return [_DAYS[phrase["beside_day"].lower()] + (1 if beside.lower() == "after" else -1)]
    if phrase["count"]:
        return _read_counted(phrase, on)
    if day := phrase["day"]:
        return [_DAYS[day.lower()]]
    if weekday := phrase["weekday"]:
        return _read_weekday((phrase["which"] or "").lower(), weekday, on)
    if phrase["ahead"]:
        return [_count(phrase["ahead"]) * _UNIT_DAYS[phrase["ahead_unit"].lower()]]
    if phrase["ago"]:
        return [-_count(phrase["ago"]) * _UNIT_DAYS[phrase["ago_unit"].lower()]]
    monday = 7 * (1 if phrase["week"].lower() == "next" else -1) - on.weekday()
    return list(range(monday, monday + 7))


def _read_counted(phrase: re.Match[str], on: date) -> list[int]:
    """Of "two weeks from tomorrow", "a week after Friday"."""
    days = _count(phrase["count"]) * _UNIT_DAYS[phrase["unit"].lower()]
    days = -days if phrase["way"].lower() == "before" else days
    if anchor := phrase["anchor"]:
        return [_DAYS[anchor.lower()] + days]
    return [offset + days for offset in _read_weekday("", phrase["anchor_weekday"], on)]


def _read_weekday(which: str, weekday: str, on: date) -> list[int]:
    """The nearest on each side, as far as the word before it does not decide."""
    ahead = (WEEKDAYS.index(weekday.lower()) - on.weekday() - 1) % 7 + 1
    this_week = ahead > 0 and on.weekday() + ahead < 7
    if which == "next":
        return [ahead, ahead + 7]
    if which == "last":
        earlier_this_week = 0 < 7 - ahead <= on.weekday()
        return [ahead - 7, ahead - 14] if earlier_this_week else [ahead - 7 or -7]
    if which == "this" and this_week:
        return [ahead]
    return [ahead - 7, ahead]


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _COUNTS[text.lower()]

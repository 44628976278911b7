"""Whether a summary keeps to what was said: its numbers, links, names and code must stand there.

They are compared by value, in every script: `1,000` is `1.000`, "tomorrow" is the date that it
meant. Nothing here judges meaning; it catches what a model made up.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Literal

from bot.domain.model import Message
from bot.language.calendar_lookup import AMBIGUOUS, MONTHS, WEEKDAYS
from bot.language.clocks import find_clock_spans, find_clocks
from bot.language.folding import fold_values, to_ascii_digits
from bot.language.number_words import find_certain_number_words
from bot.language.numbers import find_number_words, find_numbers
from bot.language.particulars import Particular, ParticularKind, blank, find_particulars
from bot.language.time_expressions import read_times
from bot.language.written_dates import find_bare_days, find_written_dates
from bot.memory.name_check import KnownNames
from bot.prompting.message_line import display_name
from bot.text.whole_phrases import stands_whole

Kind = Literal["date", "link", "code", "number", "name", "address"]

_KINDS: dict[ParticularKind, Kind] = {
    "url": "link",
    "file": "link",
    "email": "address",
    "ip": "address",
    "mac": "address",
    "mention": "name",
    "tag": "name",
    "version": "number",
}  # and all others are code
_COMPOUND = re.compile(r"(?<![\w./@:-])[A-Za-z]{2,20}(?:-[A-Za-z0-9]{2,20}){2,5}(?![\w./@-])")
_LONG_HASH = 20  # characters of a hash that may be told by its beginning
_SHORTEST_MONTH = 5  # letters of a month's name that cannot be another word
Found = Iterator[tuple[int, int, bool]]  # a particular of a statement, and whether it was said


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was said in a block of messages, ready to be compared with."""

    text: str
    """All of it, folded."""
    values: frozenset[str]
    """Of links, addresses, code and the like."""
    numbers: frozenset[Decimal]
    days: frozenset[date]
    """Single days that were spoken of, and those on which somebody spoke."""
    weeks: frozenset[date]
    clocks: frozenset[tuple[int, int]]
    months: frozenset[int]
    weekdays: frozenset[int]
    names: KnownNames

    @classmethod
    def from_messages(cls, block: Sequence[Message]) -> "Evidence":
        """The evidence of these messages, their authors and times included."""
        said = "\n".join(f"{display_name(one)}: {one.text}" for one in block)
        folded = fold_values(said)
        times = [read_times(one.text, one.at.date()) for one in block]
        named = frozenset[date]().union(*(one.days for one in times))
        said_on = {one.at.date() for one in block} | {
            one.at.astimezone(UTC).date() for one in block
        }
        days = named | said_on
        spoken_at = {(one.at.astimezone(UTC).hour, one.at.astimezone(UTC).minute) for one in block}
        return cls(
            text=folded,
            values=frozenset(part.value for part in find_particulars(said)),
            numbers=frozenset(
                # folded too, as a statement is: `1²` is read as 12 there
                {*_read_numbers(said), *_read_numbers(folded), *(Decimal(day.year) for day in days)}
            ),
            days=days,
            weeks=frozenset[date]().union(*(one.weeks for one in times)),
            clocks=frozenset(spoken_at | find_clocks(folded, generous=True)),
            months=frozenset(
                {one.value for one in MONTHS.find(folded)} | {day.month for day in days}
            ),
            weekdays=frozenset(
                {one.value for one in WEEKDAYS.find(folded)} | {day.weekday() for day in named}
            ),
            names=KnownNames.from_messages(block),
        )

    def find_unfounded(self, text: str, cited: Sequence[Message]) -> Kind | None:
        """What of a statement was never said, if anything; `cited` is what it says it rests on."""
        if self._is_quoted(text):
            return None
        parts = list(find_particulars(text))
        if any(self._is_altered(compound) for compound in _COMPOUND.findall(text)):
            return "code"
        if unfounded := next((part for part in parts if not self._holds(part)), None):
            return _KINDS.get(unfounded.kind, "code")
        for part in parts:
            text = blank(text, part.start, part.end)
        return self._find_false(text) or (None if self.names.cover(text, cited) else "name")

    def _find_false(self, text: str) -> Kind | None:
        """What of its dates and numbers was never said, if anything."""
        folded = fold_values(text)
        for kind, find in _CHECKS:
            for start, end, founded in list(find(self, folded)):
                if not founded:
                    return kind
                folded = blank(folded, start, end)
        words = find_certain_number_words(folded, text)
        return "number" if any(self.numbers.isdisjoint(one) for _, _, one in words) else None

    def _is_quoted(self, text: str) -> bool:
        """Whether all of it stands there word for word, its last number or link not cut short."""
        around = r"(?<![\w.,:/@~+-])", r"(?![\w+#%]|[^\w\s]+\w)"
        return stands_whole(self.text, fold_values(text).strip(), *around)

    def _is_altered(self, compound: str) -> bool:
        """Whether it is a name in parts that was said with another part: a-b-c, where a-x-c was."""
        parts = fold_values(compound).split("-")
        return parts not in (
            said := [one.split("-") for one in _COMPOUND.findall(self.text)]
        ) and any(
            len(one) == len(parts) and sum(map(str.__eq__, one, parts)) == len(parts) - 1
            for one in said
        )

    def _holds(self, part: Particular) -> bool:
        """Whether that was said, as a whole."""
        value = part.value
        if value in self.values or part.kind == "ip":
            return value in self.values
        if part.kind == "hash" and any(
            len(one) >= _LONG_HASH and one.startswith(value) for one in self.values
        ):
            return True
        if part.kind == "identifier":
            return _has_joined(self.text, value)
        if part.kind == "version" and any(  # 23.11.26 may be a day
            _is_day_said(self, reading)
            for written in find_written_dates(value)
            for reading in written.readings
        ):
            return True
        return _has_whole(self.text, value, part.kind)


def _has_whole(text: str, value: str, kind: ParticularKind) -> bool:
    """Whether it stands in the text, not as a part of something longer of its kind."""
    before = (
        r"(?<![\w./~])" if value.startswith(("/", "~")) else r"(?<![a-z0-9_])(?<![a-z0-9_][.@-])"
    )
    after = r"(?![a-z0-9_%]|[.@+~-]+[a-z0-9_]|/+[\w%])"
    if kind == "code":
        before, after = (
            (r"(?<!\w)" if value[:1].isalnum() else ""),
            r"(?!\w)" * value[-1:].isalnum(),
        )
    elif kind == "path" or (kind in ("file", "url") and "/" not in value):
        after = r"(?![a-z0-9_%]|[.@+~-]+[a-z0-9_])"
    elif kind in ("mention", "tag"):
        value = value[1:]
        before, after = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    return bool(value) and stands_whole(text, value, before, after)


def _has_joined(text: str, value: str) -> bool:
    """Whether an identifier stands there, however its parts are joined: `db-4`, `db 4`, `DB4`."""
    parts = re.findall(r"[a-z]+|\d+", value)
    joined = r"[ _-]?".join(map(re.escape, parts))
    return re.search(rf"(?<![a-z0-9]){joined}(?![0-9])", text) is not None


def _read_numbers(text: str) -> Iterator[Decimal]:
    text = to_ascii_digits(text)
    for written, values in find_numbers(text):
        yield from values
        for piece in re.findall(r"\d+", written) if " " in written else [written]:
            if piece.isdigit():
                yield Decimal(piece)
    for clock in find_clocks(fold_values(text), generous=True):
        yield from map(Decimal, clock)
    yield from find_number_words(text)


def _check_dates(evidence: Evidence, text: str) -> Found:
    """Dates with a month or in digits, then days of a month alone."""
    for written in find_written_dates(text):
        day_said = any(_is_day_said(evidence, reading) for reading in written.readings)
        if day_said or written.certain:
            said_so = day_said or _is_said(evidence, text[written.start : written.end])
            yield written.start, written.end, said_so
    known = {day.day for day in evidence.days}
    for day in find_bare_days(text) & known:
        for bare in re.finditer(rf"(?<!\d){day}(?!\d)", text):
            yield *bare.span(), True


def _is_day_said(evidence: Evidence, reading: tuple[int | None, int | None, int | None]) -> bool:
    year, month, day = reading
    return any(
        year in (None, one.year) and month == one.month and day in (None, one.day)
        for one in (*evidence.days, *(evidence.weeks if day else ()))
    )


def _is_said(evidence: Evidence, written: str) -> bool:
    return _has_whole(evidence.text, written.strip(), "code")


def _check_months(evidence: Evidence, text: str) -> Found:
    for one in MONTHS.find(text):
        if not one.exact and len(one.stem) >= _SHORTEST_MONTH and one.stem not in AMBIGUOUS:
            yield one.start, one.end, one.value in evidence.months


def _check_weekdays(evidence: Evidence, text: str) -> Found:
    for one in WEEKDAYS.find(text):
        if one.stem not in AMBIGUOUS:
            yield one.start, one.end, one.value in evidence.weekdays


def _check_clocks(evidence: Evidence, text: str) -> Found:
    for start, end, times in find_clock_spans(text):
        yield start, end, not times.isdisjoint(evidence.clocks)


def _check_numbers(evidence: Evidence, text: str) -> Found:
    at = 0
    for written, values in find_numbers(text):
        start = text.index(written, at)
        at = start + len(written)
        pieces = [Decimal(piece) for piece in re.findall(r"\d+", written)] if " " in written else []
        founded = not values.isdisjoint(evidence.numbers)
        yield start, at, founded or (bool(pieces) and evidence.numbers.issuperset(pieces))


# In this order: what one has looked at is no longer there for the next.
_CHECKS: tuple[tuple[Kind, Callable[[Evidence, str], Found]], ...] = (
    ("date", _check_dates),
    ("date", _check_months),
    ("date", _check_weekdays),
    ("number", _check_clocks),
    ("number", _check_numbers),
)

"""How people feel about something, as far as words show it, and how that went; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from bot.domain.model import Message
from bot.tasks.label_answers import Labelled
from bot.tasks.labels import LabelSet

SENTIMENTS = LabelSet(("positive", "neutral", "negative"))
POSITIVE, _, NEGATIVE = SENTIMENTS.labels
MOST_ROWS = 21
WIDTH = 8  # of a bar, so that a row stands in a code block on a phone

_BY: tuple[tuple[Callable[[date], date], str], ...] = (
    (lambda day: day, "%a %m-%d"),
    (lambda day: day - timedelta(days=day.weekday()), "from %m-%d"),
    (lambda day: day.replace(day=1), "%Y-%m"),
    (lambda day: day.replace(month=1, day=1), "%Y"),
)
"""Days, weeks, months, years: what a day belongs to, and how that is called."""


@dataclass(slots=True)
class _Row:
    """One day, or more of them."""

    name: str
    positive: int = 0
    negative: int = 0


def draw(pairs: Sequence[tuple[Message, Labelled]], zone: tzinfo) -> str:
    """A picture by the days of a zone, for a code block; nothing of less than two of them.

    Of many days it is drawn by weeks, months or years.
    """
    labels = [(one.at.astimezone(zone).date(), labelled.label) for one, labelled in pairs]
    rows = _count(labels)
    if len(rows) < 2:
        return ""
    most = max(max(row.positive, row.negative) for row in rows) or 1
    left = max(len(row.name) for row in rows)
    lines = [f"{'':{left}} {NEGATIVE:>{WIDTH}} | {POSITIVE}"]
    for row in rows:
        minus, plus = ("█" * -(-WIDTH * count // most) for count in (row.negative, row.positive))
        numbers = f"-{row.negative} +{row.positive}" if row.negative or row.positive else ""
        lines.append(f"{row.name:{left}} {minus:>{WIDTH}} | {plus:{WIDTH}} {numbers}".rstrip())
    return "\n".join(lines)


def _count(labels: Sequence[tuple[date, str | None]]) -> list[_Row]:
    """The rows from the first day to the last, also where nothing was said."""
    if not labels:
        return []
    first_of, rows = _choose_rows([day for day, _ in labels])
    for day, label in labels:
        if row := rows.get(first_of(day)):
            row.positive += label == POSITIVE
            row.negative += label == NEGATIVE
    return list(rows.values())


def _choose_rows(days: Sequence[date]) -> tuple[Callable[[date], date], dict[date, _Row]]:
    """By days, or by what is longer where that would be too many; the newest, if it still is."""
    for first_of, name in _BY:
        starts = list(dict.fromkeys(map(first_of, _every_day(min(days), max(days)))))
        rows = {start: _Row(start.strftime(name)) for start in starts[-MOST_ROWS:]}
        if len(starts) <= MOST_ROWS:
            break
    return first_of, rows


def _every_day(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)

"""The dates and times before WhatsApp's messages, in the shapes of its apps and languages; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from unicodedata import digit

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
_SEPARATOR = r"\s?[./\-年년]\s?"
_SECOND = r"\s?[./\-月월]\s?"
# Before or after the time, in the languages that have a clock of twelve hours.
_MORNING = r"[Aa]\.?\s?[Mm]\.?|上午|午前|오전|凌晨|早上|清晨|ص|π\.?μ\.?|ÖÖ|SA|पूर्वाह्न"
_EVENING = r"[Pp]\.?\s?[Mm]\.?|下午|午後|오후|中午|晚上|傍晚|م|μ\.?μ\.?|ÖS|CH|अपराह्न"
_STAMP = (
    rf"(?P<a>\d{{1,4}}){_SEPARATOR}(?P<b>\d{{1,2}}){_SECOND}(?P<c>\d{{1,4}})(?:\s?[日일.]|\s?г\.)?"
    r"[,،、]?\s{0,2}(?:klo|kl\.?|às|a las|um|at|о|в|na|u)?\s{0,2}"
    rf"(?P<before>{_MORNING}|{_EVENING})?\s?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    rf"\s?(?P<after>{_MORNING}|{_EVENING})?(?:\s?(?:ч|г)\.)?"
)
_WHOLE = re.compile(_STAMP, re.ASCII)
_DASH = re.compile(r" [-–] ")
_KOREAN = re.compile(r"(?<=:\d\d), ")
_IS_EVENING = re.compile(_EVENING)
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_INVISIBLE = "\u200e\u200f\u202a\u202b\u202c\ufeff"
_SPACES = re.compile("[\u00a0\u202f\u2009]")
_LONGEST = 60  # characters of a stamp


@dataclass(frozen=True, slots=True)
class Stamp:
    """The numbers of a line's beginning: which is the day, only the whole file can say."""

    numbers: tuple[int, int, int]
    hour: int
    minute: int
    second: int
    with_slashes: bool
    twelve_hours: bool

    def at(self, order: Order) -> datetime:
        """The moment, in the zone of the phone. Raises ValueError."""
        a, b, c = self.numbers
        year, month, day = {"dmy": (c, b, a), "mdy": (c, a, b), "ymd": (a, b, c)}[order]
        year += 2000 if year < 100 else 0
        return datetime(year, month, day, self.hour, self.minute, self.second)  # noqa: DTZ001  # the zone is the import's

    def fits(self, order: Order) -> bool:
        """Whether there is such a day and time."""
        try:
            self.at(order)
        except ValueError:
            return False
        return True


def split_line(line: str) -> tuple[Stamp, str] | None:
    """The stamp of a line and what is behind it; None for a line that goes on with a message."""
    head, rest = _cut(line)
    found = _WHOLE.fullmatch(_plain(head)) if head else None
    if not found:
        return None
    half = found["before"] or found["after"]
    hour = int(found["hour"])
    if half:
        hour = hour % 12 + 12 * bool(_IS_EVENING.fullmatch(half)) if hour <= 12 else hour
    stamp = Stamp(
        (int(found["a"]), int(found["b"]), int(found["c"])),
        hour,
        int(found["minute"]),
        int(found["second"] or 0),
        with_slashes="/" in head,
        twelve_hours=bool(half),
    )
    return stamp, rest


def find_order(stamps: Iterable[Stamp]) -> tuple[Order, bool]:
    """In which order day, month and year stand in a whole file, and whether that is sure.

    No date may be impossible, and time goes on; where both orders can be, the usual one is taken.
    """
    faults: dict[Order, int] = {"dmy": 0, "mdy": 0, "ymd": 0}
    last: dict[Order, datetime] = {}
    first: Stamp | None = None
    former: tuple[int, ...] = ()
    for stamp in stamps:
        first = first or stamp
        if stamp.numbers == former:
            continue  # the same day tells nothing more
        former = stamp.numbers
        for order in faults:
            try:
                at = stamp.at(order)
            except ValueError:
                faults[order] += 1_000
                continue
            faults[order] += at < last.get(order, at)
            last[order] = at
    usual = _usual(first)
    best = min(faults, key=lambda order: (faults[order], usual.index(order)))
    return best, sum(count == faults[best] for count in faults.values()) == 1


def _usual(first: Stamp | None) -> tuple[Order, ...]:
    if first and first.numbers[0] > 31:
        return ("ymd", "dmy", "mdy")
    if first and first.twelve_hours and first.with_slashes and first.numbers[2] < 100:
        return ("mdy", "dmy", "ymd")
    return ("dmy", "mdy", "ymd")


def _cut(line: str) -> tuple[str, str]:
    """What may be the stamp, and what is behind it."""
    line = line.lstrip(_INVISIBLE)
    if line.startswith("["):
        head, bracket, rest = line[1:].partition("]")
        return (head.strip(), rest.removeprefix(" ")) if bracket else ("", "")
    found = _DASH.search(line, 0, _LONGEST) or _KOREAN.search(line, 0, _LONGEST)
    return (line[: found.start()], line[found.end() :]) if found else ("", "")


def _plain(head: str) -> str:
    """With plain spaces and digits, and without what nobody sees."""
    if len(head) > _LONGEST:
        return ""
    if head.isascii():
        return head
    head = _SPACES.sub(" ", _MARKS.sub("", head))
    return "".join(str(digit(one, one)) for one in head)

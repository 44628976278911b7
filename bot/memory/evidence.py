"""Whether a summary keeps to what was said: its numbers, links, names and code must stand there.

What was said on 2026-03-02 may be told with the dates that its words meant: "tomorrow" is
2026-03-03. Nothing here judges meaning; it catches what a model made up.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Literal

from bot.context import name
from bot.conversation import Message
from bot.language import dates

Kind = Literal["date", "link", "code", "number", "name"]

_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"`]+", re.IGNORECASE)
_CODE = re.compile(r"`+([^`]+)`+")
_DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)\d\d?:\d\d(?!\d)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")
_LEAD = re.compile(r"^(?P<lead>[^\s:,.]{1,40}(?: [^\s:,.]{1,40})?): ")
_PROPER = re.compile(r"(?<=[^\s.!?:…\"“(*-] )[^\W\d_a-z][^\W\d_]*[^\W_](?=\W|$)")
_CALENDAR = frozenset((*dates.WEEKDAYS, *dates.MONTHS, "utc"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was said in a block of messages, ready to be compared with."""

    said: str
    numbers: frozenset[str]
    days: frozenset[date]
    clocks: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, block: Sequence[Message]) -> "Evidence":
        """The evidence of these messages, their authors and times included."""
        said = "\n".join(f"{name(one)}: {one.text}" for one in block).casefold()
        days = {day for one in block for day in dates.meant(one.text, _day(one))}
        return cls(
            said,
            frozenset(_plain_numbers(said)),
            frozenset(days),
            frozenset(f"{one.at.astimezone(UTC):%H:%M}" for one in block),
            frozenset(name(one).casefold() for one in block),
        )

    def against(self, text: str, cited: Sequence[Message]) -> Kind | None:
        """What of a statement was never said, if anything; `cited` is what it says it rests on."""
        for kind, unfounded in _PARTICULARS:
            found = list(unfounded(self, text))
            if not all(founded for _, founded in found):
                return kind
            for part, _ in found:
                text = text.replace(part, " ")
        return None if self._names(text, cited) else "name"

    def _names(self, text: str, cited: Sequence[Message]) -> bool:
        """Whether all names were said, and the one in front is the one who said it."""
        if lead := _LEAD.match(text):
            who = lead["lead"].casefold()
            spoken = "\n".join(f"{name(one)} {one.text}" for one in cited).casefold()
            if who not in (spoken if cited and who in self.names else self.said):
                return False
            text = text[lead.end() :]
        proper = (word.casefold() for word in (*_MENTION.findall(text), *_PROPER.findall(text)))
        return all(word in self.said or word in _CALENDAR for word in proper)


Found = Iterator[tuple[str, bool]]  # a particular of a statement, and whether it was said


def _dates(evidence: Evidence, text: str) -> Found:
    days = {str(day) for day in evidence.days}
    return ((one, one in days or one in evidence.said) for one in _DATE.findall(text))


def _links(evidence: Evidence, text: str) -> Found:
    links = (one.rstrip(".,;:!?)]}'") for one in _LINK.findall(text))
    return ((one, one.casefold() in evidence.said) for one in links)


def _codes(evidence: Evidence, text: str) -> Found:
    return ((one, one.strip().casefold() in evidence.said) for one in _CODE.findall(text))


def _clocks(evidence: Evidence, text: str) -> Found:
    return ((one, one in evidence.clocks or one in evidence.said) for one in _CLOCK.findall(text))


def _numbers(evidence: Evidence, text: str) -> Found:
    return ((one, _plain(one) in evidence.numbers) for one in _NUMBER.findall(text))


def _plain_numbers(text: str) -> Iterator[str]:
    for found in _NUMBER.findall(text):
        yield _plain(found)
        yield from re.split(r"[.,]", found)


def _plain(number: str) -> str:
    return number.replace(",", "")


# In this order: what one has looked at is no longer there for the next.
_PARTICULARS: tuple[tuple[Kind, Callable[[Evidence, str], Found]], ...] = (
    ("link", _links),
    ("code", _codes),
    ("date", _dates),
    ("number", _clocks),
    ("number", _numbers),
)


def _day(message: Message) -> date:
    return message.at.astimezone(UTC).date()

"""Whether a summary keeps to what was said: its numbers, links, names and code must occur there.

What was said on 2026-03-02 may be told with the dates that its words meant: "tomorrow" is
2026-03-03. Nothing here judges meaning; it catches what a model made up.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Literal

from bot.domain.model import Message
from bot.language import relative_dates
from bot.prompting.message_line import display_name

Kind = Literal["date", "link", "code", "number", "name"]

_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"`]+", re.IGNORECASE)
_CODE = re.compile(r"`+([^`]+)`+")
_DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)\d\d?:\d\d(?!\d)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")
_LEADING_NAME = re.compile(r"^(?P<name>[^\s:,.]{1,40}(?: [^\s:,.]{1,40})?): ")
_PROPER_NOUN = re.compile(r"(?<=[^\s.!?:…\"“(*-] )[^\W\d_a-z][^\W\d_]*[^\W_](?=\W|$)")
_CALENDAR = frozenset((*relative_dates.WEEKDAYS, *relative_dates.MONTHS, "utc"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was said in a block of messages, ready to be compared with."""

    text: str
    """All of it with its authors, in lower case."""
    numbers: frozenset[str]
    days: frozenset[date]
    clocks: frozenset[str]
    names: frozenset[str]

    @classmethod
    def from_messages(cls, block: Sequence[Message]) -> "Evidence":
        """The evidence of these messages, their authors and times included."""
        lines = (f"{display_name(message)}: {message.text}" for message in block)
        text = "\n".join(lines).casefold()
        return cls(
            text=text,
            numbers=frozenset(_find_numbers(text)),
            days=frozenset(
                day
                for message in block
                for day in relative_dates.find_dates(message.text, _day(message))
            ),
            clocks=frozenset(f"{message.at.astimezone(UTC):%H:%M}" for message in block),
            names=frozenset(display_name(message).casefold() for message in block),
        )

    def find_unfounded(self, text: str, cited: Sequence[Message]) -> Kind | None:
        """What of a statement was never said, if anything; `cited` is what it says it rests on."""
        for kind, check in _CHECKS:
            found = list(check(self, text))
            if not all(is_founded for _, is_founded in found):
                return kind
            for part, _ in found:
                text = text.replace(part, " ")
        return None if self._has_names_of(text, cited) else "name"

    def _has_names_of(self, text: str, cited: Sequence[Message]) -> bool:
        """Whether all names were said, and the one in front is the one who said it."""
        if leading := _LEADING_NAME.match(text):
            speaker = leading["name"].casefold()
            lines = (f"{display_name(message)} {message.text}" for message in cited)
            where = "\n".join(lines).casefold() if cited and speaker in self.names else self.text
            if speaker not in where:
                return False
            text = text[leading.end() :]
        names = (word.casefold() for word in (*_MENTION.findall(text), *_PROPER_NOUN.findall(text)))
        return all(name in self.text or name in _CALENDAR for name in names)


Found = Iterator[tuple[str, bool]]  # a particular of a statement, and whether it was said


def _check_links(evidence: Evidence, text: str) -> Found:
    links = (link.rstrip(".,;:!?)]}'") for link in _LINK.findall(text))
    return ((link, link.casefold() in evidence.text) for link in links)


def _check_code(evidence: Evidence, text: str) -> Found:
    return ((code, code.strip().casefold() in evidence.text) for code in _CODE.findall(text))


def _check_dates(evidence: Evidence, text: str) -> Found:
    days = {str(day) for day in evidence.days}
    return ((day, day in days or day in evidence.text) for day in _DATE.findall(text))


def _check_clocks(evidence: Evidence, text: str) -> Found:
    clocks = _CLOCK.findall(text)
    return ((clock, clock in evidence.clocks or clock in evidence.text) for clock in clocks)


def _check_numbers(evidence: Evidence, text: str) -> Found:
    return ((number, _strip_commas(number) in evidence.numbers) for number in _NUMBER.findall(text))


# In this order: what one has looked at is no longer there for the next.
_CHECKS: tuple[tuple[Kind, Callable[[Evidence, str], Found]], ...] = (
    ("link", _check_links),
    ("code", _check_code),
    ("date", _check_dates),
    ("number", _check_clocks),
    ("number", _check_numbers),
)


def _find_numbers(text: str) -> Iterator[str]:
    """Each number as a whole, and the parts between its points and commas."""
    for number in _NUMBER.findall(text):
        yield _strip_commas(number)
        yield from re.split(r"[.,]", number)


def _strip_commas(number: str) -> str:
    return number.replace(",", "")


def _day(message: Message) -> date:
    return message.at.astimezone(UTC).date()

"""Which standing request a message is: "What did I miss?", "Was habe ich verpasst?". Pure.

A request is recognised by its structure: a phrase at its heart, and around it nothing but
politeness, "here", "while I was away" and a time. A message with one word more asks for something
of its own, and is left to whoever answers questions.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Literal

from bot.language.intents import asian, eastern, germanic, romance, semitic
from bot.language.intents.local_days import show_clock, to_utc
from bot.language.intents.phrases import Language, read_words
from bot.language.intents.since import find_times, read_span
from bot.language.intents.spans import Span

LONGEST = 200  # characters of a message that may be a request, or small talk
LONGEST_TIME = 7  # words that say from when on
LONGEST_REQUEST = 24  # words of one that names a time
LONGEST_UNSPACED = 48  # characters of the same, where words do not stand apart
LONGEST_UNSPACED_TIME = 12

Kind = Literal["catchup", "summary", "help", "who", "memory", "forget_all", "forget_me"]
SmallTalk = Literal["how", "thanks", "bye", "greeting", "praise"]

_KINDS: tuple[Kind, ...] = (
    "forget_all", "forget_me", "who", "help", "memory", "catchup", "summary",
)  # fmt: skip
_TIMED: tuple[Kind, ...] = ("catchup", "summary")
"""Those that may say from when on."""
_SMALL_TALK: tuple[SmallTalk, ...] = ("how", "thanks", "bye", "greeting", "praise")
LANGUAGES = (
    Language(germanic.ENGLISH),
    Language(germanic.GERMAN),
    Language(romance.FRENCH),
    Language(romance.SPANISH),
    Language(romance.PORTUGUESE),
    Language(romance.ITALIAN),
    Language(germanic.DUTCH),
    Language(germanic.SCANDINAVIAN),
    Language(eastern.POLISH),
    Language(eastern.TURKISH),
    Language(asian.VIETNAMESE),
    Language(eastern.RUSSIAN, letters="[а-я]"),
    Language(eastern.UKRAINIAN, letters="[а-яі]"),
    Language(eastern.GREEK, letters="[α-ω]"),
    Language(asian.JAPANESE, letters="[\u3041-\u30fa\u4e00-\u9fff]", spaced=False),
    Language(asian.KOREAN, letters="[\uac00-\ud7a3\u3131-\u3163]", spaced=False),
    Language(asian.CHINESE, letters="[\u4e00-\u9fff]", spaced=False),
    Language(asian.HINDI, letters="[\u0900-\u097f]"),
    Language(semitic.ARABIC, letters="[\u0620-\u064a]"),
    Language(semitic.HEBREW, letters="[\u05d0-\u05ea]"),
)


@dataclass(frozen=True, slots=True)
class StandingRequest:
    """What is asked for in so many words."""

    kind: Kind
    since: datetime | None = None
    """From when on; None where it does not say."""
    until: datetime | None = None
    """Just after the time that it names; None where that lasts until now."""


def read_request(text: str, now: datetime, zone: tzinfo = UTC) -> StandingRequest | None:
    """The standing request that a message is, as seen from now; None for everything else.

    Days are those of the zone.
    """
    if len(text) > LONGEST or not (words := read_words(text)):
        return None
    shown = show_clock(zone, now)
    for number, language in enumerate(LANGUAGES):
        if language.may_be(words) and (found := _read_in(number, language.ready(words), shown)):
            if found.since is None:
                return found
            span = to_utc(zone, Span(found.since, found.until))
            return StandingRequest(found.kind, span.start, span.end)
    return None


def _read_in(number: int, ready: str, now: datetime) -> StandingRequest | None:
    """The same, in one language."""
    spaced = LANGUAGES[number].spaced
    unknown = _find_unknown(number, ready) if spaced else []
    if not unknown and (kind := _find_kind(number, ready, _KINDS)):
        return StandingRequest(kind)
    # What is left is looked at first: whether a piece is a time takes far longer.
    for piece, rest in _cut_times(ready, unknown) if spaced else _cut_unspaced_times(ready):
        if (kind := _find_kind(number, rest, _TIMED)) and (span := read_span(piece, now)):
            return StandingRequest(kind, span.start, span.end)
    return None


def read_small_talk(text: str) -> SmallTalk | None:
    """Which greeting or other small talk a message is and no more, in any of the languages."""
    if len(text) > LONGEST or not (words := read_words(text)):
        return None
    for number, language in enumerate(LANGUAGES):
        ready = language.ready(words)
        if language.may_be(words) and _only_small_talk(number).fullmatch(ready):
            for kind in _SMALL_TALK:
                if _heart(number, kind).search(ready):
                    return kind
    return None


def _find_kind(number: int, ready: str, kinds: Iterable[Kind]) -> Kind | None:
    for kind in kinds:
        if _heart(number, kind).search(ready) and _whole(number, kind).fullmatch(ready):
            return kind
    return None


def _find_unknown(number: int, ready: str) -> list[int]:
    """Which words no phrase of a language has: at most, they say from when on."""
    vocabulary = LANGUAGES[number].vocabulary
    return [place for place, word in enumerate(ready.split()) if word not in vocabulary]


def _cut_times(ready: str, unknown: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Where a text may name a time, the longest wording first, and the text without each.

    All unknown words must be of it; of the words around it, those that begin or end a time may.
    """
    words = ready.split()
    if len(words) > LONGEST_REQUEST or len(unknown) > LONGEST_TIME:
        return
    spans = find_times(ready)
    named = unknown or sorted(
        ready.count(" ", 0, at) for start, end in spans for at in (start, end - 1)
    )
    if not (spans and named) or named[-1] - named[0] >= LONGEST_TIME:
        return
    first, behind = named[0], named[-1] + 1
    for start in range(max(0, first - LONGEST_TIME), first + 1):
        for end in range(min(len(words), behind + LONGEST_TIME), behind - 1, -1):
            if end - start <= LONGEST_TIME:
                yield _join(words[start:end]), _join([*words[:start], *words[end:]])


def _cut_unspaced_times(ready: str) -> Iterator[tuple[str, str]]:
    if len(ready) > LONGEST_UNSPACED or not (times := find_times(ready)):
        return
    for length in range(min(len(ready), LONGEST_UNSPACED_TIME), 0, -1):
        for start in range(len(ready) - length + 1):
            end = start + length
            if any(start <= first and last <= end for first, last in times):
                yield ready[start:end], ready[:start] + ready[end:]


def _join(words: Sequence[str]) -> str:
    return "".join(f"{word} " for word in words)


@cache
def _heart(number: int, kind: Kind | SmallTalk) -> re.Pattern[str]:
    """A request's phrase alone, wherever it stands."""
    language = LANGUAGES[number]
    return re.compile(f"{_beginning(language)}(?:{language.sections[kind]})")


@cache
def _whole(number: int, kind: Kind) -> re.Pattern[str]:
    """A request with what may stand around it."""
    sections = LANGUAGES[number].sections
    around = f"(?:{sections['polite']}|{sections['place']}|{sections['away']})*"
    return re.compile(f"{around}(?:{sections[kind]}){around}")


@cache
def _only_small_talk(number: int) -> re.Pattern[str]:
    sections = LANGUAGES[number].sections
    around = f"(?:{sections['people']}|{sections['extent']})*"
    said = "|".join(sections[kind] for kind in _SMALL_TALK)
    return re.compile(f"{around}(?:(?:{said}){around})+")


def _beginning(language: Language) -> str:
    """Where a phrase may begin: a word must not be the end of another."""
    return r"(?<!\S)" if language.spaced else ""

"""Which standing request a message is: "What did I miss?", "Was habe ich verpasst?". Pure.

A request is recognised by its structure: a phrase at its heart, and around it nothing but
politeness, "here", "while I was away" and a time. A message with one word more asks for something
of its own, and is left to whoever answers questions.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from typing import Literal

from bot.language.intents.languages import LANGUAGES, Script, Unknown, scripts_of
from bot.language.intents.local_days import show_clock, to_utc
from bot.language.intents.phrases import SHORT, Language, read_words
from bot.language.intents.since import find_times, read_span
from bot.language.intents.spans import Span

LONGEST = SHORT  # characters of a message that may be a request, or small talk
LONGEST_TIME = 7  # words that say from when on
LONGEST_REQUEST = 24  # words of one that names a time
LONGEST_UNSPACED = 48  # characters of the same, where words do not stand apart
LONGEST_UNSPACED_TIME = 12
KEPT = 256  # messages: each is read when it comes, and once more when it is answered

Kind = Literal["catchup", "summary", "help", "who", "memory", "forget_all", "forget_me"]
SmallTalk = Literal["how", "thanks", "bye", "greeting", "praise"]

_KINDS: tuple[Kind, ...] = (
    "forget_all", "forget_me", "who", "help", "memory", "catchup", "summary",
)  # fmt: skip
_TIMED: tuple[Kind, ...] = ("catchup", "summary")
"""Those that may say from when on."""
_SMALL_TALK: tuple[SmallTalk, ...] = ("how", "thanks", "bye", "greeting", "praise")


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
    return _read(text, now, zone) if len(text) <= LONGEST else None


@lru_cache(maxsize=KEPT)
def _read(text: str, now: datetime, zone: tzinfo) -> StandingRequest | None:
    words, shown = read_words(text), show_clock(zone, now)
    for script in scripts_of(words):
        if found := _read_in(script, script.ready(words), shown):
            if found.since is None:
                return found
            span = to_utc(zone, Span(found.since, found.until))
            return StandingRequest(found.kind, span.start, span.end)
    return None


def _read_in(script: Script, ready: str, now: datetime) -> StandingRequest | None:
    """The same, in the languages of one script."""
    return _read_spaced(script, ready, now) if script.spaced else _read_unspaced(script, ready, now)


def _read_spaced(script: Script, ready: str, now: datetime) -> StandingRequest | None:
    words = ready.split()
    unknown = Unknown(words)
    possible = unknown.within(LONGEST_TIME)
    times = find_times(ready) if possible and len(words) <= LONGEST_REQUEST else ()
    for number in script.numbers:
        if not possible >> number & 1:
            continue
        places = unknown.to(number)
        if not places and (kind := _find_kind(number, ready, _KINDS)):
            return StandingRequest(kind)
        pieces = _cut_times(words, places or _places_of(times, ready)) if times else ()
        if found := _choose(number, pieces, now):
            return found
    return None


def _read_unspaced(script: Script, ready: str, now: datetime) -> StandingRequest | None:
    pieces = list(_cut_unspaced_times(ready))
    for number in script.numbers:
        if kind := _find_kind(number, ready, _KINDS):
            return StandingRequest(kind)
        if found := _choose(number, pieces, now):
            return found
    return None


def _choose(
    number: int, pieces: Iterable[tuple[str, str]], now: datetime
) -> StandingRequest | None:
    """The request that is left without one of these pieces, if that is a time."""
    for piece, rest in pieces:  # whether a piece is a time takes far longer
        if (kind := _find_kind(number, rest, _TIMED)) and (span := read_span(piece, now)):
            return StandingRequest(kind, span.start, span.end)
    return None


def read_small_talk(text: str) -> SmallTalk | None:
    """Which greeting or other small talk a message is and no more, in any of the languages."""
    if len(text) > LONGEST or not (words := read_words(text)):
        return None
    for script in scripts_of(words):
        ready = script.ready(words)
        for number in script.numbers:
            if _only_small_talk(number).fullmatch(ready):
                for kind in _SMALL_TALK:
                    if _heart(number, kind).search(ready):
                        return kind
    return None


def _find_kind(number: int, ready: str, kinds: Iterable[Kind]) -> Kind | None:
    for kind in kinds:
        if _heart(number, kind).search(ready) and _whole(number, kind).fullmatch(ready):
            return kind
    return None


def _places_of(times: Iterable[tuple[int, int]], ready: str) -> list[int]:
    """Which words they are of."""
    return sorted(ready.count(" ", 0, at) for start, end in times for at in (start, end - 1))


def _cut_times(words: Sequence[str], named: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Where a text may name a time, the longest wording first, and the text without each.

    All the named words must be of it; of the words around it, those that begin or end a time may.
    """
    first, behind = named[0], named[-1] + 1
    if behind - first > LONGEST_TIME:
        return
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

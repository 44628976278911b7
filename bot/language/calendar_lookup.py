"""Which calendar words a text holds, in every language of calendar_words. All text is folded."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.language import calendar_words
from bot.language.folding import UNSPACED, fold_values

_SPACED, _HANGUL, _UNSPACED = 2, 3, 4  # the kinds of words below, by their groups
_WORD = re.compile(
    rf"(\d+)|((?:[^\W\d_{UNSPACED}]+|[\u0900-\u0963\u0966-\u0dff]+)+)|([\uac00-\ud7a3]+)|([{UNSPACED}]+)"
)
_ASCII_WORD = re.compile("([0-9]+)|([A-Za-z]+)")  # the same, faster
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]+")
# What Arabic and Hebrew write together with the word that follows.
_CLINGING = re.compile(
    "(?:[וש]?[בלמהכוש]|[وف]?(?:بال|لل|ال|[بلكو]))(?=[\u05d0-\u05ea\u0620-\u064a]{2})"
)
_SHORTEST_STEM = 3  # letters from which on a word may go on after it

# Words that are more often something else: ordinals, other words, people.
_AMBIGUOUS = """
    mon tue wed thu fri sun segunda terca quarta quinta sexta domingo sali cuma pazar среда
    среду среды среде середа середу середи середі δευτερα τριτη τεταρτη πεμπτη שבת בשבת marca maja
    lipca luty lutego лютого лютии лютому листопад april august
"""
AMBIGUOUS = frozenset(map(fold_values, _AMBIGUOUS.split()))


class Word(NamedTuple):
    """A word or number of a folded text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar word in a text."""

    stem: str
    values: tuple[int, ...]
    """What it means; several, as `कल` is yesterday and tomorrow."""
    start: int
    end: int
    exact: bool
    """It is given as a whole word, not as a beginning."""

    @property
    def value(self) -> int:
        """What it means first of all."""
        return self.values[0]


class _Stem(NamedTuple):
    text: str
    values: tuple[int, ...]
    exact: bool


class _Choice(NamedTuple):
    """Stems that begin with the same letters."""

    texts: tuple[str, ...]
    stems: tuple[_Stem, ...]
    """The longest first."""


class Lexicon:
    """Words of many languages, each with a number; with all the words of other lexicons."""

    def __init__(self, entries: Iterable[tuple[str, int]], *others: "Lexicon") -> None:
        values: dict[tuple[str, bool], list[int]] = {}
        for form, value in entries:
            stem = fold_values(form.lstrip("=").replace("#", " "))
            values.setdefault((stem, form.startswith("=")), []).append(value)
        own = (_Stem(text, tuple(means), exact) for (text, exact), means in values.items())
        self._stems: tuple[_Stem, ...] = (
            *own,
            *(stem for other in others for stem in other._stems),
        )
        self._first = _by_first_letters(self._stems)

    def find(self, text: str) -> Iterator[Found]:
        """All that occur, from left to right, the longest first."""
        first, done = self._first, 0
        for word in (_ASCII_WORD if text.isascii() else _WORD).finditer(text):
            for start in _starts(text, word):
                choice = first.get(text[start : start + 2]) or first.get(text[start : start + 1])
                if choice is None or start < done or not text.startswith(choice.texts, start):
                    continue
                if found := _choose(text, start, word, choice.stems):
                    done = found.end
                    yield found
                    if word.lastindex == _SPACED:
                        break

    def is_in(self, text: str) -> bool:
        """Whether a text holds any of them."""
        return next(self.find(text), None) is not None


def split_words(text: str) -> Iterator[Word]:
    """The words and numbers of a folded text."""
    for found in _WORD.finditer(text):
        yield Word(found.group(), found.start(), found.end())


def _by_first_letters(stems: Iterable[_Stem]) -> dict[str, _Choice]:
    """By the first two letters; a stem of one letter also by any two that begin with it."""
    first: dict[str, list[_Stem]] = {}
    for stem in sorted(stems, key=lambda one: -len(one.text)):
        first.setdefault(stem.text[:2], []).append(stem)
    return {
        letters: _Choice(tuple(stem.text for stem in all_), tuple(all_))
        for letters, longer in first.items()
        for all_ in [longer + (first.get(letters[0], []) if len(letters) == 2 else [])]
    }


def _starts(text: str, word: re.Match[str]) -> Sequence[int]:
    """Where in a word a calendar word may begin."""
    start, end = word.span()
    if word.lastindex == _UNSPACED:
        return range(start, end)
    if text[start] >= "\u05d0" and word.lastindex == _SPACED:
        if clinging := _CLINGING.match(text, start, end):
            return (start, clinging.end())
        if text[start] in "בלמהכוש":
            return (start, start + 1)
    return (start,)


def _choose(text: str, start: int, word: re.Match[str], stems: Sequence[_Stem]) -> Found | None:
    for stem, values, exact in stems:
        end = start + len(stem)
        if text.startswith(stem, start) and _ends_well(text, end, stem, exact=exact):
            if word.lastindex in (_HANGUL, _UNSPACED):
                return Found(stem, values, start, end, exact)
            return Found(stem, values, word.start(), max(end, word.end()), exact)
    return None


def _ends_well(text: str, end: int, stem: str, *, exact: bool) -> bool:
    if _IS_UNSPACED.fullmatch(stem):
        return True
    rest = _WORD.match(text, end, end + calendar_words.ENDING + 1)
    if not rest or rest.lastindex in (_HANGUL, _UNSPACED) or text[end].isdigit():
        return True
    return not exact and len(stem) >= _SHORTEST_STEM and rest.end() - end <= calendar_words.ENDING


def _read_cycle(table: str, length: int, first: int) -> list[tuple[str, int]]:
    return [
        (form, first + place % length)
        for place, forms in enumerate(table.split())
        for form in forms.split("/")
    ]


def _read_numbered(table: str) -> list[tuple[str, int]]:
    found, value = list[tuple[str, int]](), 0
    for word in table.split():
        if word.endswith(":"):
            value = int(word[:-1])
        else:
            form, _, times = word.partition("=")
            found.append((f"={form}" if len(form) < 4 else form, value * int(times or 1)))
    return found


MONTHS = Lexicon(
    [entry for entry in _read_cycle(calendar_words.MONTHS, 12, 1) if not entry[0][0].isdigit()]
)
WEEKDAYS = Lexicon(_read_cycle(calendar_words.WEEKDAYS, 7, 0))
RELATIVE = Lexicon(_read_numbered(calendar_words.RELATIVE))
UNITS = Lexicon(_read_numbered(calendar_words.UNITS))

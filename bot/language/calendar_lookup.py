"""Which calendar words a text holds, in every language of calendar_words. All text is folded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bot.language import calendar_words
from bot.language.folding import UNSPACED, fold_values

WORD = re.compile(
    rf"\d+|(?:(?![{UNSPACED}])[^\W\d_]|[\u0900-\u0963\u0966-\u0dff])+|[\uac00-\ud7a3]+|[{UNSPACED}]+"
)
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]+")
_IS_HANGUL = re.compile("[\uac00-\ud7a3]+")
# What Arabic and Hebrew write together with the word that follows.
_CLINGING = re.compile(
    "^(?:[וש]?[בלמהכוש]|[وف]?(?:بال|لل|ال|[بلكو]))(?=[\u05d0-\u05ea\u0620-\u064a]{2})"
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


class Lexicon:
    """Words of many languages, each with a number."""

    def __init__(self, entries: list[tuple[str, int]]) -> None:
        values: dict[tuple[str, bool], list[int]] = {}
        for form, value in entries:
            stem = fold_values(form.lstrip("=").replace("#", " "))
            values.setdefault((stem, form.startswith("=")), []).append(value)
        self._first: dict[str, list[tuple[str, tuple[int, ...], bool]]] = {}
        for (stem, exact), means in values.items():
            self._first.setdefault(stem[:2], []).append((stem, tuple(means), exact))
        for found in self._first.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: str) -> Iterator[Found]:
        """All that occur, from left to right, the longest first."""
        done = 0
        for word in split_words(text):
            for start in dict.fromkeys(_starts(word)):
                if start >= done and (found := self._at(text, start, word)):
                    done = found.end
                    yield found
                    if not _IS_UNSPACED.fullmatch(word.text):
                        break

    def _at(self, text: str, start: int, word: Word) -> Found | None:
        beginnings = dict.fromkeys((text[start : start + 2], text[start : start + 1]))
        for stem, values, exact in (one for two in beginnings for one in self._first.get(two, ())):
            end = start + len(stem)
            if text.startswith(stem, start) and _ends_well(text, end, word, stem, exact=exact):
                if _IS_UNSPACED.fullmatch(word.text):
                    return Found(stem, values, start, end, exact)
                return Found(stem, values, word.start, max(end, word.end), exact)
        return None


def split_words(text: str) -> Iterator[Word]:
    """The words and numbers of a folded text."""
    for found in WORD.finditer(text):
        yield Word(found.group(), found.start(), found.end())


def _starts(word: Word) -> Iterator[int]:
    """Where in a word a calendar word may begin."""
    if _IS_UNSPACED.fullmatch(word.text) and not _IS_HANGUL.fullmatch(word.text):
        yield from range(word.start, word.end)
        return
    yield word.start
    if clinging := _CLINGING.match(word.text):
        yield word.start + clinging.end()
    elif word.text[0] in "בלמהכוש":
        yield word.start + 1


def _ends_well(text: str, end: int, word: Word, stem: str, *, exact: bool) -> bool:
    if _IS_UNSPACED.fullmatch(stem):
        return True
    rest = WORD.match(text, end)
    more = len(rest.group()) if rest and not rest.group()[0].isdigit() else 0
    if not more or (rest and _IS_UNSPACED.match(rest.group())):
        return True
    return not exact and len(stem) >= _SHORTEST_STEM and more <= calendar_words.ENDING


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

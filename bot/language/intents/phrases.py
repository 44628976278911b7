"""How the phrases of a language are written down, and how a text is made ready to be held to them.

A section is `name: phrase | phrase`, over as many lines as it takes. In a phrase, `(a|b)` is one
of them, `[a]` or `(a)?` may be left out, an apostrophe may be missing, and a hyphen may be a space.
What stands together without a space is one word. All is folded: case and accents are free.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from bot.language.folding import fold_values

SHORT = 200  # characters of a text that may be a request

_SECTION = re.compile(r"^(\w+):", re.MULTILINE)
_TOKEN = re.compile(r"\s+|[()\[\]|?]|[^\s()\[\]|?]+")
_MENTION = re.compile(r"<@!?[&\w]+>|(?<!\w)@nellie\b", re.IGNORECASE)
_NO_WORD = re.compile("[^\\w\\s'’ʼ`´:/.\u0900-\u0963\u0966-\u0dff-]")
_LOOSE = re.compile(r"(?<!\w)[-'.:/]|[-'.:/](?!\w)|(?<!\d)[.:/]|[.:/](?!\d)|_")
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", **dict.fromkeys("’ʼ`´", "'")}
)


def fold_phrase(text: str) -> str:
    """As phrases and texts are compared: without case and accents, of letters with a stroke too."""
    return fold_values(text).translate(_LETTERS)


def read_words(text: str) -> str:
    """The words of a text, each with a space behind it, without marks and mentions of Nellie."""
    return _read_short(text) if len(text) <= SHORT else _read(text)


def _read(text: str) -> str:
    text = _NO_WORD.sub(" ", fold_phrase(_MENTION.sub(" ", text)))
    text = _LOOSE.sub(" ", _LOOSE.sub(" ", text))
    return "".join(f"{word} " for word in text.split())


_read_short = lru_cache(maxsize=64)(_read)
"""What is asked is held to the phrases of many requests, one after the other."""


@dataclass(frozen=True)
class Language:
    """The phrases of a language."""

    text: str
    letters: str = "[a-z]"
    """A text without any of these is not of the language."""
    spaced: bool = True
    """Its words stand apart; where not, or not reliably, spaces do not count."""

    @cached_property
    def sections(self) -> dict[str, str]:
        """By name, a regular expression for its phrases, the longest first."""
        _, *parts = _SECTION.split(self.text)
        return {
            name: _compile(fold_phrase(body), spaced=self.spaced)
            for name, body in zip(parts[::2], parts[1::2], strict=True)
        }

    @property
    def vocabulary(self) -> frozenset[str]:
        """All the words of its phrases, in every way that they may be written."""
        _, *parts = _SECTION.split(self.text)
        found = set[str]()
        for body in parts[1::2]:
            found.update(_spell_all(_tokens(fold_phrase(body))))
        joined = {word.replace("'", "") for word in found} | {
            word.replace("-", "") for word in found
        }
        pieces = {piece for word in found for piece in word.split("-")}
        return frozenset(found | joined | pieces)

    def ready(self, words: str) -> str:
        """What `read_words` gave, as this language is compared."""
        return words if self.spaced else words.replace(" ", "")


def _compile(body: str, *, spaced: bool) -> str:
    alternatives = sorted(_split(_tokens(body)), key=lambda one: -len("".join(one)))
    return "|".join(_sequence(one, spaced=spaced) for one in alternatives)


def _tokens(body: str) -> list[str]:
    return [found.group() for found in _TOKEN.finditer(body.strip())]


def _spell_all(tokens: list[str]) -> Iterator[str]:
    """Each word that phrases hold; what stands together is spelled out."""
    for alternative in _split(tokens):
        for parts in _words(alternative):
            if len(parts) > 1:
                yield from map("".join, product(*(_choices(part) for part in parts)))
            elif parts[0][0] in "([":
                yield from _spell_all(_inner(parts[0]))
            else:
                yield parts[0][0]


def _choices(part: list[str]) -> list[str]:
    """What one part of a word may be."""
    if part[0] not in "([":
        return [part[0]]
    return [*_spell_all(_inner(part)), *([""] if _is_optional(part) else [])]


def _is_optional(part: list[str]) -> bool:
    return part[0] == "[" or part[-1] == "?"


def _inner(part: list[str]) -> list[str]:
    return part[1:-2] if part[-1] == "?" else part[1:-1]


def _split(tokens: list[str]) -> Iterator[list[str]]:
    """The alternatives of an expression, parted at its own level."""
    depth, found = 0, list[str]()
    for mark in tokens:
        if mark == "|" and not depth:
            yield found
            found = []
            continue
        depth += (mark in "([") - (mark in ")]")
        found.append(mark)
    yield found


def _sequence(tokens: list[str], *, spaced: bool) -> str:
    """Word after word; in a spaced language, each takes the space behind it."""
    return "".join(_word(parts, spaced=spaced) for parts in _words(tokens))


def _words(tokens: list[str]) -> Iterator[list[list[str]]]:
    """The words of a sequence, each as the parts that stand together."""
    parts, depth = list[list[str]](), 0
    for mark in tokens:
        if not depth and mark.isspace():
            if parts:
                yield parts
            parts = []
        elif depth or mark == "?":
            parts[-1].append(mark)
            depth += (mark in "([") - (mark in ")]")
        else:
            parts.append([mark])
            depth += mark in "(["
    if parts:
        yield parts


def _word(parts: list[list[str]], *, spaced: bool) -> str:
    if len(parts) == 1 or not spaced:
        return "".join(_part(part, spaced=spaced) for part in parts)
    return "".join(_part(part, spaced=False) for part in parts) + " "


def _part(part: list[str], *, spaced: bool) -> str:
    if part[0] not in "([":
        written = re.escape(part[0]).replace("'", "'?").replace(r"\-", "[- ]?")
        return f"{written} " if spaced else written
    choices = "|".join(_sequence(one, spaced=spaced) for one in _split(_inner(part)))
    return f"(?:{choices}){'?' * _is_optional(part)}"

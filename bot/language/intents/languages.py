"""The languages in which requests are recognised, and which of them a text may be in. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from bot.language.intents import asian, eastern, germanic, romance, semitic
from bot.language.intents.phrases import Language

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


@dataclass(frozen=True)
class Script:
    """Languages beside each other that are written with the same letters."""

    letters: re.Pattern[str]
    numbers: tuple[int, ...]
    """Of the languages."""
    spaced: bool

    def ready(self, words: str) -> str:
        """What `read_words` gave, as its languages are compared."""
        return LANGUAGES[self.numbers[0]].ready(words)


SCRIPTS = tuple(
    Script(re.compile(letters), tuple(numbers), LANGUAGES[numbers[0]].spaced)
    for letters, same in groupby(range(len(LANGUAGES)), key=lambda one: LANGUAGES[one].letters)
    for numbers in [list(same)]
)


def scripts_of(words: str) -> list[Script]:
    """Those whose letters a text has, as `read_words` left it."""
    scripts = SCRIPTS[:1] if words.isascii() else SCRIPTS
    return [script for script in scripts if script.letters.search(words)]


class Unknown:
    """Which words of a text no phrase of a language has."""

    def __init__(self, words: Sequence[str]) -> None:
        known = _languages_by_word()
        self._known = [known.get(word, 0) for word in words]
        """For each word, a bit for each language that has it."""

    def within(self, most: int) -> int:
        """A bit for each language to which only words are unknown that stand so close together."""
        every = (1 << len(LANGUAGES)) - 1
        if len(self._known) <= most:
            return every
        before, behind = [every], [every]
        for first, last in zip(self._known[:-most], reversed(self._known[most:]), strict=True):
            before.append(before[-1] & first)
            behind.append(behind[-1] & last)
        found = 0
        for head, tail in zip(before, reversed(behind), strict=True):
            found |= head & tail
        return found

    def to(self, number: int) -> list[int]:
        """The places of those that a language does not know."""
        return [place for place, known in enumerate(self._known) if not known >> number & 1]


@cache
def _languages_by_word() -> dict[str, int]:
    found: dict[str, int] = {}
    for script in SCRIPTS:
        for number in script.numbers if script.spaced else ():
            for word in LANGUAGES[number].vocabulary:
                found[word] = found.get(word, 0) | 1 << number
    return found

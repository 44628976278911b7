"""Characters that look like others, by Unicode's table: what a text may be read as; pure."""

import json
import re
import unicodedata
from functools import lru_cache
from string import ascii_lowercase

from confusable_homoglyphs.utils import path

from bot.text.fancy_alphabets import FANCY_ALPHABETS

# What has no entry there because it reads as itself: small capitals, flags' letters, strokes.
_LATIN_NAME = re.compile(
    r".*\b(?:LATIN|REGIONAL INDICATOR).*\b(?:LETTER|CAPITAL|SMALL) ([A-Z])(?: WITH .*)?"
)
_ASCII = {"I": "l", "1": "l", "0": "o"}
# What people write in place of a letter that it only resembles: no table of Unicode's has these.
_IN_PLACE_OF = str.maketrans(
    {sign: letter for letter, signs in {
        "a": "4@∆ΛΔ₳", "b": "8฿", "c": "¢₵©", "e": "3€ΣΞξ∑∃ƎǝəɘЄєЭэ℮ㄝε", "g": "69", "i": "工",
        "l": "!¡|¦£₤", "n": "₦ИиЙйПпη∩", "o": "0°", "p": "₱", "r": "Яя®", "s": "5$§",
        "t": "7+†₮", "u": "µ", "w": "₩", "y": "¥",
    }.items() for sign in signs}
)  # fmt: skip
_FANCY = {
    ord(one): letter
    for alphabet in reversed(FANCY_ALPHABETS)  # of a letter in several, the first reading counts
    for cased in (alphabet.lower(), alphabet)
    for letter, one in zip(ascii_lowercase, unicodedata.normalize("NFKC", cased), strict=True)
    if not one.isascii()
}
_TAKEN_FOR = _FANCY | _IN_PLACE_OF
_UPSIDE_DOWN = str.maketrans("unpdqb", "nudpbq")
_ACCENTS = frozenset(map(chr, range(0x300, 0x363)))  # a name with accents needs no table
_DIRECTION = "\u200e"  # the table sets it around characters of scripts written leftwards


def reads_as(text: str) -> str:
    """Letters and digits as somebody may read them: no case, no accents, i as l, rn as m."""
    bare = unicodedata.normalize("NFKD", text)
    latin = "".join(map(_as_latin, bare)).casefold()
    return latin.replace("i", "l").replace("ı", "l").replace("rn", "m")


def spelled_out(text: str) -> str:
    """Signs, digits and letters of other scripts as the Latin letters whose places they take."""
    return text.translate(_TAKEN_FOR)


def turned(text: str) -> str:
    """A text that is turned upside down, the right way up."""
    return text[::-1].translate(_UPSIDE_DOWN)


def look_alikes_of(character: str) -> str:
    """The signs, no letters, that look like a character."""
    found = (one.strip(_DIRECTION) for one in _table().get(character, ()))
    return "".join(c for c in found if len(c) == 1 and unicodedata.category(c)[0] in "PS")


@lru_cache(maxsize=4096)
def _as_latin(character: str) -> str:
    """The ASCII letters that a character looks like; "" where it is no letter."""
    if character.isascii():
        return _ASCII.get(character, character if character.isalnum() else "")
    if character in _ACCENTS:
        return ""
    for one in _table().get(character, ()):
        if one.isascii() and one.isalnum():
            return one
    if named := _LATIN_NAME.fullmatch(unicodedata.name(character, "")):
        return named[1]
    return character if character.isalnum() else ""


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    """What looks like each character. Read when first needed, without the names: 3 MB, not 16."""
    with open(path("confusables.json"), encoding="utf-8") as file:
        return json.load(file, object_hook=_keep_characters)  # type: ignore[no-any-return]


def _keep_characters(found: dict[str, object]) -> object:
    """The inner objects of the file are {"c": character, "n": name}; the outer one holds lists."""
    return found["c"] if found.keys() == {"c", "n"} else found

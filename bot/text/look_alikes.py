"""Characters that look like others, by Unicode's table: what a text may be read as; pure."""

import re
import unicodedata
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

# What has no entry there because it reads as itself: small capitals, flags' letters, strokes.
_LATIN_NAME = re.compile(
    r".*\b(?:LATIN|REGIONAL INDICATOR).*\b(?:LETTER|CAPITAL|SMALL) ([A-Z])(?: WITH .*)?"
)
_ASCII = {"I": "l", "1": "l", "0": "o"}
_DIRECTION = "\u200e"  # the table sets it around characters of scripts written leftwards


def reads_as(text: str) -> str:
    """Letters and digits as somebody may read them: no case, no accents, i as l, rn as m."""
    bare = unicodedata.normalize("NFKD", text)
    latin = "".join(map(_as_latin, bare)).casefold()
    return latin.replace("i", "l").replace("ı", "l").replace("rn", "m")


def look_alikes_of(character: str) -> str:
    """The signs, no letters, that look like a character."""
    found = (one["c"].strip(_DIRECTION) for one in confusables_data.get(character, ()))
    return "".join(c for c in found if len(c) == 1 and unicodedata.category(c)[0] in "PS")


@lru_cache(maxsize=4096)
def _as_latin(character: str) -> str:
    """The ASCII letters that a character looks like; "" where it is no letter."""
    if character.isascii():
        return _ASCII.get(character, character if character.isalnum() else "")
    for one in confusables_data.get(character, ()):
        if one["c"].isascii() and one["c"].isalnum():
            return str(one["c"])
    if named := _LATIN_NAME.fullmatch(unicodedata.name(character, "")):
        return named[1]
    return character if character.isalnum() else ""

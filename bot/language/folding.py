"""Text -> the form in which two writings of the same word are equal, in every script."""

import re
import unicodedata

# Accents and vowel points, which people leave out as often as not, and what has no width.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670"
    "\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+"
)
# Inside a character class: scripts that put no spaces between words, and Korean, whose particles
# cling to them.
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1780-\u17d3\u3005-\u3007"
    "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
)
# Inside a character class: accents by themselves, and what nobody sees inside a word.
UNSEEN = "\u0300-\u036f\u05b0-\u05bd\u064b-\u0652\xad\u200b\u2060\ufeff"
_NON_ASCII_DIGIT = re.compile(r"(?![0-9])\d")


def fold(text: str) -> str:
    """Without case, accents, widths and what has no shape."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", bare).casefold()


def fold_values(text: str) -> str:
    """Folded, and with ASCII digits: Arabic, Devanagari and other digits count the same.

    The Turkish dotless i is an i here: who writes without Turkish keys writes it so.
    """
    if text.isascii():
        return text.lower()
    return to_ascii_digits(fold(text)).casefold().replace("ı", "i")


def to_ascii_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return _NON_ASCII_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)

"""The words that people type; pure."""

import re

# What parts words for people and for no str.split: vertical tabs that cleaning takes away, and
# characters of no width or of no ink, as phones and web pages put between words.
_PARTING = re.compile("[\x0b\x0c\x1c-\x1f\u115f\u1160\u180e\u200b\u2060\u2800\u3164\ufeff\uffa0]")

_STRETCH = 50_000  # characters


def plain_spaces(text: str) -> str:
    """A text with spaces in place of what only looks like one, or like nothing."""
    starts = range(0, len(text), _STRETCH)  # no other thread runs while one is looked through
    return "".join(_PARTING.sub(" ", text[start : start + _STRETCH]) for start in starts)


def fold_label(label: str) -> str:
    """The same for labels that differ in capitals, in spaces, or in what nobody sees."""
    return " ".join(label.replace("\u200b", "").split()).casefold()


def split_word(text: str) -> tuple[str, str]:
    """The first word and what follows it, whatever white space people put between them."""
    word, *rest = plain_spaces(text).split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""

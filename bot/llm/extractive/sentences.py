"""Where the sentences of a text end: not at the full stop of "am 10. Januar"."""

import re

from bot.language.calendar_lookup import MONTHS
from bot.language.folding import fold_values

_END = re.compile(r"(?<=\w\w[.!?])\s+(?=[^\W\d_a-z])|(?<=[。！？])|\n+")
_ORDINAL = re.compile(r"(?<!\w)\d{1,2}\.\s*$")
_WORD = re.compile(r"[^\W\d_]+")


def split_sentences(text: str) -> list[str]:
    """A text, parted at the ends of its sentences and lines."""
    parts, start = list[str](), 0
    for found in _END.finditer(text):
        if not follows_ordinal(text, found.end()):
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def follows_ordinal(text: str, at: int) -> bool:
    """Whether the full stop before a place belongs to a number: a month or small word follows."""
    if not _ORDINAL.search(text, max(0, at - 8), at):
        return False
    word = _WORD.match(text, at)
    return word is not None and (word[0][0].islower() or _is_month(word[0]))


def _is_month(word: str) -> bool:
    return any(found.start == 0 for found in MONTHS.find(fold_values(word)))

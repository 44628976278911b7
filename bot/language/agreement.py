"""How far an answer agrees with what was expected; pure.

Of something short, whether it stands in the answer. Of a whole answer, how many words both share.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.language.folding import UNSPACED
from bot.language.terms import extract_terms

SHORT = 8  # words: what is longer is a whole answer, which nobody repeats word by word

_THOUSANDS = re.compile(r"(?<=\d)[,\u2009\u202f' ](?=\d{3}(?!\d))")
_BEFORE, _AFTER = r"(?<!\w)(?<!\d[.,])", r"(?!\w)(?![.,]\d)"
_UNSPACED = re.compile(f"[{UNSPACED}]")


def agreement(answer: str, expected: Sequence[str]) -> float | None:
    """From 0 to 1, for the best of what was expected; None where nothing was."""
    scores = [overlap(answer, one) if is_long(one) else _holds(answer, one) for one in expected]
    return max(scores, default=None)


def is_long(expected: str) -> bool:
    """Whether it is compared by its words, and not looked for."""
    return len(expected.split()) > SHORT


def _holds(answer: str, expected: str) -> float:
    """Whether it stands there, in any case and spacing, and not as a part of another word."""
    wanted = _plain(expected)
    before = "" if _UNSPACED.match(wanted) or not wanted[:1].isalnum() else _BEFORE
    after = "" if _UNSPACED.match(wanted[-1:]) or not wanted[-1:].isalnum() else _AFTER
    return float(bool(wanted and re.search(before + re.escape(wanted) + after, _plain(answer))))


def overlap(answer: str, expected: str) -> float:
    """F1 of their words."""
    given, wanted = Counter(extract_terms(answer)), Counter(extract_terms(expected))
    common = (given & wanted).total()
    return 2 * common / (given.total() + wanted.total()) if common else 0.0


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(_THOUSANDS.sub("", folded).replace("*", "").replace("`", "").split())

"""How much of a text was read: F1 over its words, each as often as it stands there."""

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W_\u3040-\u30ff\u4e00-\u9fff]+")
"""Chinese is counted by its letters: it has no spaces."""


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Without capitals."""
    return Counter(_WORD.findall("\n".join(texts).lower()))


def f1(expected: Counter[str], read: Counter[str]) -> float:
    """1 where the same words were read, and no others."""
    common = (expected & read).total()
    total = expected.total() + read.total()
    return 2 * common / total if total else 0.0

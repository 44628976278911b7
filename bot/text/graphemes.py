"""What people see as one character: where a text may be cut, and how platforms count it; pure."""

import re
from enum import Enum

import regex

_CLUSTER = regex.compile(r"\X")
# With these a character begins, if no joiner stands before: ASCII, Latin, Greek, Cyrillic, kana,
# Han, most emoji.
_FIRST = re.compile(
    "(?<!\u200d)[ -~À-ɏͰ-ϿЀ-\u0481\u048a-\u052fぁ-\u3096ァ-\u30fa\u4e00-\u9fff"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001faff]"
)
_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")


class Measure(Enum):
    """How long a text is: platforms write characters, and count one of these."""

    CODE_POINTS = 0
    UTF_16 = 1
    """Code units. An emoji has two, a flag four; nobody counts more."""

    def length(self, text: str) -> int:
        """The length of a text."""
        return len(text) + self.value * len(_BEYOND_16_BITS.findall(text))

    def index_after(self, text: str, start: int, units: int) -> int:
        """The index up to which, from `start` on, there are at most so many units."""
        end = min(start + max(units, 0), len(text))
        if self is Measure.CODE_POINTS or not _BEYOND_16_BITS.search(text, start, end):
            return end
        left = units
        for index in range(start, end):
            left -= 2 if text[index] > "\uffff" else 1
            if left < 0:
                return index
        return end


UTF_16 = Measure.UTF_16
"""For platforms that do not say what they count."""


def find_boundary(text: str, end: int, start: int = 0) -> int:
    """The last place up to `end` where a cut separates no accent, emoji, flag or surrogate.

    A character begins at `start`. Where one goes on and on from there, it is `end` itself.
    """
    if not 0 < end < len(text):
        return end
    if "\udc00" <= text[end] <= "\udfff" and "\ud800" <= text[end - 1] <= "\udbff":
        end -= 1
    found = start = _certain_boundary(text, end, start)
    for cluster in _CLUSTER.finditer(text[start : end + 1]):  # \X looks back over a run of flags
        if start + cluster.end() > end:
            break
        found = start + cluster.end()
    return found if found > start or start else end


def stable_length(text: str) -> int:
    """How much of a growing text comes before the character that may yet grow."""
    return find_boundary(text, len(text) - 1) if len(text) > 1 else 0


def _certain_boundary(text: str, end: int, start: int) -> int:
    """The last place before `end` of which it is certain that a character begins there."""
    return next((at for at in range(end - 1, start, -1) if _FIRST.match(text, at)), start)

"""The seam between a text and what goes on with it: what is said twice there is taken out. Pure."""

import re

_WORD = re.compile(r"\S+")
_LEAD = re.compile(r"\s*(?:\.{3}|…)\s*")  # "... and then": it goes on
_TAIL = 4_000  # characters at the end of a text that may be repeated
_SHORTEST_PART = 4  # characters of a last word that the first word of the rest may complete alone
_WIDE = "\u2e80"  # from here on, scripts put no spaces between words


class Seam:
    """Takes the rest of a text piece by piece, and gives it without what repeats its end.

    A model that is asked to go on begins with the last words, the last line, or all of it again.
    Nothing is given as long as what has come still stands in the text.
    """

    def __init__(self, former: str) -> None:
        self._former = _WORD.findall(former[-_TAIL:])
        self._pending: str | None = ""
        """What may be a repetition; None once it is certain."""

    def feed(self, piece: str) -> str:
        """What of it is certainly new."""
        if self._pending is None:
            return piece
        self._pending += piece
        return "" if self._may_repeat(self._pending) else self.finish()

    def finish(self) -> str:
        """What is left, now that the rest is over, or certain."""
        pending, self._pending = self._pending or "", None
        return pending[self._repeated(pending) :]

    def _may_repeat(self, pending: str) -> bool:
        """Whether it stands in the former text, as far as it has come."""
        lead = _LEAD.match(pending)
        words = _WORD.findall(pending, lead.end() if lead else 0)
        if not self._former:
            return False
        if not words or pending.strip() in (".", ".."):
            return True
        return any(self._stands_at(place, words) for place in range(len(self._former)))

    def _stands_at(self, place: int, words: list[str]) -> bool:
        there = self._former[place : place + len(words)]
        if len(there) < len(words):
            return False
        first = there[0].endswith(words[0]) if _is_wide(words[0]) else there[0] == words[0]
        if len(words) > 1 and not (first and there[1:-1] == words[1:-1]):
            return False
        last, is_end = there[-1], place + len(words) == len(self._former)
        if _is_wide(words[-1]):
            return words[-1] in last
        return last.startswith(words[-1]) or (is_end and words[-1].startswith(last))

    def _repeated(self, pending: str) -> int:
        """How much of its beginning repeats the end of the former text, or says that it goes on."""
        lead = _LEAD.match(pending)
        begins = lead.end() if lead else 0
        words = list(_WORD.finditer(pending, begins))
        is_part = bool(self._former) and len(self._former[-1]) >= _SHORTEST_PART
        is_part = is_part and self._former[-1] not in self._former[:-1]
        for count in range(min(len(words), len(self._former)), 0, -1):
            mine, last = words[:count], self._former[-1]
            if [one.group() for one in mine[:-1]] != self._former[-count:-1]:
                continue
            holds_words = any(map(str.isalnum, "".join(one.group() for one in mine)))
            if holds_words and _continues(mine[-1].group(), last, whole=not is_part and count == 1):
                return mine[-1].start() + len(last)
        found = self._repeated_wide(words[0]) if words and self._former else 0
        return found or begins

    def _repeated_wide(self, first: re.Match[str]) -> int:
        """The same where words are not told apart by spaces."""
        word, last = first.group(), self._former[-1]
        for length in range(min(len(word), len(last)), 1, -1):
            if _is_wide(word[:length]) and last.endswith(word[:length]):
                return first.start() + length
        return 0


def _continues(word: str, former: str, *, whole: bool) -> bool:
    """Whether a word is the former one again; or, unless `whole`, with the end that was cut off."""
    return word == former or (not whole and word.startswith(former))


def _is_wide(word: str) -> bool:
    return bool(word) and all(one >= _WIDE for one in word)

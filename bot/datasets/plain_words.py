"""Words that name nobody and are no secret: most texts are made of them alone; pure."""

from collections.abc import Callable

KEPT = 1 << 15  # words that are remembered


class PlainWords:
    """Those that were seen, so that no text is looked through for what none of its words can be."""

    def __init__(self, is_plain: Callable[[str], bool]) -> None:
        """`is_plain` looks at one word, with the signs beside it."""
        self._is_plain = is_plain
        self._known = set[str]()

    def make_up(self, text: str) -> bool:
        """Whether a text is made of such words alone."""
        words = text.split()
        return self._known.issuperset(words) or all(map(self._look, words))

    def _look(self, word: str) -> bool:
        if word in self._known:
            return True
        if not self._is_plain(word):
            return False
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known.add(word)
        return True

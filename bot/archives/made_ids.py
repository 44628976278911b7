"""Ids for messages of formats that have none: the same whenever the same history is read."""

from collections import Counter
from hashlib import blake2b


class MadeIds:
    """Made of when and by whom it was said, of the words, and how often these came before.

    Repeats are counted within one moment of the log, so that a log may grow.
    """

    def __init__(self) -> None:
        self._moment: object = None
        self._repeats: Counter[tuple[str, str]] = Counter()

    def make(self, moment: str, author: str, text: str) -> str:
        """The id of what was said next."""
        if moment != self._moment:
            self._moment = moment
            self._repeats.clear()
        self._repeats[author, text] += 1
        key = f"{moment} {self._repeats[author, text]} {author} {text}"
        return blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()

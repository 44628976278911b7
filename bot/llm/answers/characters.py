"""Whole characters: JSON may hold half of one, and a server may cut an emoji in two; pure."""

import re

_HALVES = re.compile("[\ud800-\udfff]")
_FIRST_HALF = re.compile("[\ud800-\udbff]\\Z")


class WholeCharacters:
    """Takes a text piece by piece, and gives it in characters that can be written."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """The text, without half a character at its end, which may become whole."""
        if not self._half and not _HALVES.search(text):
            return text
        text = self._half + text
        self._half = text[-1:] if _FIRST_HALF.search(text) else ""
        return _join(text.removesuffix(self._half))

    def finish(self) -> str:
        """What is left at the end."""
        half, self._half = self._half, ""
        return _join(half)


def _join(text: str) -> str:
    """Halves that meet are one character; one alone is unreadable."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

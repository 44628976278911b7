"""Stop texts where a server leaves them in the answer, as TGI does; pure."""

from collections.abc import Sequence


class StopTexts:
    """Takes an answer piece by piece, and gives it without the stop text that ended it."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = sorted(stops, key=len, reverse=True)
        self._held = ""

    def feed(self, text: str) -> str:
        """What is certainly no part of a stop text at the end."""
        self._held += text
        kept = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        certain = len(self._held) - kept
        text, self._held = self._held[:certain], self._held[certain:]
        return text

    def finish(self, *, stopped: bool) -> str:
        """What is left at the end; `stopped` where it was a stop text that ended it."""
        ended = next((stop for stop in self._stops if stopped and self._held.endswith(stop)), "")
        return self._held.removesuffix(ended)


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of a text may begin a stop text, or be all of it."""
    longest = min(len(text), len(stop))
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)

"""What a question finds, searched for in the round trip that stores it."""

import time
from dataclasses import dataclass, field

from bot.domain.bounded_cache import BoundedCache
from bot.language.hit_scores import SearchHit

FRESH = 1.0  # seconds after which it is searched for anew: more may have been said, or taken back
SLOW = 0.25  # seconds of a search, which acceptance does not wait for again soon
PAUSE = 60.0  # seconds for which messages of such a channel are stored without a search
KEPT = 1_000  # channels whose pause is known


@dataclass(frozen=True, slots=True)
class HitsAhead:
    """What holds the terms of a question, as of the moment before it came."""

    terms: tuple[str, ...]
    hits: list[SearchHit]
    read_at: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        """Whether the question did not have to wait."""
        return time.monotonic() - self.read_at < FRESH


class SearchPace:
    """In which channels a search is so quick that nobody minds waiting for it."""

    def __init__(self) -> None:
        self._paused_until = BoundedCache[int, float](KEPT)

    def is_quick(self, channel_id: int) -> bool:
        """Whether it was, as far as is known."""
        return time.monotonic() >= self._paused_until.get(channel_id, 0.0)

    def note(self, channel_id: int, took: float | None) -> None:
        """What a search took, in seconds; None where it failed."""
        if took is None or took > SLOW:
            self._paused_until[channel_id] = time.monotonic() + PAUSE

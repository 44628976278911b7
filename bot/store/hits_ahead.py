"""What a question finds, searched for while it was stored."""

import time
from dataclasses import dataclass, field

from bot.language.hit_scores import SearchHit

FRESH = 1.0  # seconds after which it is searched for anew: more may have been said, or taken back


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

"""Slack's rate limits, kept by ourselves, so that calls wait instead of being refused."""

import time
from collections.abc import Callable
from typing import Protocol

REVIEWS_AT_ONCE = 20  # requests that reading messages again may make without a pause


class Replicas(Protocol):
    """Whoever knows how many replicas share the work, such as TurnControl."""

    @property
    def replicas(self) -> int: ...


class _OneReplica:
    replicas = 1


class RateLimit:
    """So many calls a minute, some of them at once; shared by all work in the workspace.

    Each replica takes its share of the calls a minute.
    """

    def __init__(
        self,
        *,
        per_minute: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        replicas: Replicas | None = None,
    ) -> None:
        self._per_minute = per_minute
        self._burst = burst
        self._clock = clock
        self._replicas = replicas or _OneReplica()
        self._left = burst
        self._refilled_at = clock()

    def take(self, *, reserve: float = 0) -> bool:
        """Whether a call may be made now, leaving `reserve` for others; if so, it is counted."""
        self._refill()
        if self._left < 1 + reserve:
            return False
        self._left -= 1
        return True

    def _refill(self) -> None:
        now = self._clock()
        share = self._per_minute / self._replicas.replicas
        self._left = min(self._burst, self._left + (now - self._refilled_at) * share / 60)
        self._refilled_at = now


class RateLimits:
    """What one app may do in one workspace; a little less than Slack's tiers allow."""

    def __init__(self, *, reviews: float = 30) -> None:
        """`reviews` are the requests a minute that reading messages again may take."""
        self._shared_by: Replicas = _OneReplica()
        self.stream_starts = RateLimit(per_minute=18, burst=18, replicas=self)  # tier 2
        self.stream_appends = RateLimit(per_minute=95, burst=40, replicas=self)  # tier 4
        self.updates = RateLimit(per_minute=45, burst=20, replicas=self)  # tier 3
        self.session_updates = RateLimit(per_minute=45, burst=20, replicas=self)  # tier 3
        # Of tier 3, whose rest is for history and for finding own posts.
        self.reviews = RateLimit(per_minute=reviews, burst=REVIEWS_AT_ONCE, replicas=self)

    @property
    def replicas(self) -> int:
        """How many replicas share the limits."""
        return self._shared_by.replicas

    def share(self, replicas: Replicas) -> None:
        """Divide the limits by this number of replicas, whatever it is at each call."""
        self._shared_by = replicas

"""Slack's rates, kept by ourselves: better late than refused."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Rate:
    """So many calls a minute, with some at once; shared by all work in the workspace."""

    minute: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, self.clock()

    def take(self, *, reserve: float = 0) -> bool:
        """Whether a call may be made now, leaving `reserve` for others; if so, it is counted."""
        self._refill()
        if self._left < 1 + reserve:
            return False
        self._left -= 1
        return True

    def _refill(self) -> None:
        now = self.clock()
        self._left = min(self.burst, self._left + (now - self._at) * self.minute / 60)
        self._at = now


@dataclass
class Rates:
    """What one app may do in one workspace; a little less than Slack's tiers allow."""

    streams: Rate = field(default_factory=lambda: Rate(18, 18))  # chat.startStream, tier 2
    appends: Rate = field(default_factory=lambda: Rate(95, 40))  # chat.appendStream, tier 4
    updates: Rate = field(default_factory=lambda: Rate(45, 20))  # chat.update, tier 3
    sessions: Rate = field(default_factory=lambda: Rate(45, 20))  # agents.sessions.*, tier 3

"""Slack's rates, kept by ourselves: better late than refused."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Rate:
    """So many calls a minute, with some at once; shared by all work in the workspace.

    Each replica takes its share of the calls a minute.
    """

    minute: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    replicas: Callable[[], int] = lambda: 1
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
        share = self.minute / self.replicas()
        self._left = min(self.burst, self._left + (now - self._at) * share / 60)
        self._at = now


class Rates:
    """What one app may do in one workspace; a little less than Slack's tiers allow."""

    def __init__(self, replicas: Callable[[], int]) -> None:
        self.streams = Rate(18, 18, replicas=replicas)  # chat.startStream, tier 2
        self.appends = Rate(95, 40, replicas=replicas)  # chat.appendStream, tier 4
        self.updates = Rate(45, 20, replicas=replicas)  # chat.update, tier 3
        self.sessions = Rate(45, 20, replicas=replicas)  # agents.sessions.*, tier 3

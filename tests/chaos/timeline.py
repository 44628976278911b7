"""What happened when, to be shown around what went wrong."""

import time
from dataclasses import dataclass, field


@dataclass
class Timeline:
    """Everything that was said and done, in seconds since the beginning."""

    start: float = field(default_factory=time.monotonic)
    _events: list[tuple[float, str]] = field(default_factory=list)

    def note(self, event: str) -> None:
        """Something happened now."""
        self._events.append((self.now(), event))

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.start

    def around(self, moment: float, *, before: float = 8, after: float = 20) -> str:
        """The events around a moment (by time.monotonic()), a line each."""
        at = moment - self.start
        return "\n".join(
            f"{when:8.2f} s  {event}"
            for when, event in sorted(self._events)
            if at - before <= when <= at + after
        )

"""What happened when, to be told around what went wrong."""

import time
from dataclasses import dataclass, field


@dataclass
class Timeline:
    """Everything that was said and done, in seconds since the beginning."""

    began: float = field(default_factory=time.monotonic)
    _events: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        self._events.append((self.now(), what))

    def now(self) -> float:
        return time.monotonic() - self.began

    def around(self, at: float, *, before: float = 8, after: float = 20) -> str:
        """The events from shortly before a moment (on time.monotonic()) until some time after."""
        moment = at - self.began
        return "\n".join(
            f"{when:8.2f} s  {what}"
            for when, what in sorted(self._events)
            if moment - before <= when <= moment + after
        )

"""What can be ordered to go wrong with a request."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["500", "503", "429", "403", "404", "cut", "lost", "slow"]


@dataclass(slots=True)
class Fault:
    """`cut` carries the request out and then cuts the connection; `lost` cuts it before.

    A status answers instead of carrying it out; `slow` waits first. It strikes the next `times`
    requests of which "METHOD /path" matches the pattern.
    """

    kind: Kind
    pattern: str = ""
    times: int = 1
    seconds: float = 0.3
    """How long it is slow, or when to come again after a 429."""
    code: int = 0
    """Discord's own number of the error."""

    def strikes(self, line: str) -> bool:
        return self.times > 0 and re.search(self.pattern, line) is not None


@dataclass(slots=True)
class Faults:
    """The faults that are still to come."""

    waiting: list[Fault]
    spoil: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    """By a pattern of "METHOD /path": what is made of what is answered."""

    def add(self, faults: Iterable[Fault]) -> None:
        self.waiting.extend(faults)

    def next(self, line: str) -> Fault | None:
        """The one that strikes this request, if any does."""
        found = next((fault for fault in self.waiting if fault.strikes(line)), None)
        if found:
            found.times -= 1
            if not found.times:
                self.waiting.remove(found)
        return found

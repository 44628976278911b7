"""The pieces of an answer as a server, or a process, streams them; pure."""

from dataclasses import dataclass
from typing import Any

DONE = "[DONE]"
"""The `finish` of a stream that says no more than that it is over."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event says."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    usage: Any = None

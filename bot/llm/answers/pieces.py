"""The pieces of an answer as a server, or a process, streams them; pure."""

from dataclasses import dataclass
from typing import Any

from bot.llm.answers.calls import CallDelta

DONE = "[DONE]"
"""The `finish` of a stream that says no more than that it is over."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event says."""

    text: str = ""
    thought: int = 0
    """Characters of what is only thought."""
    finish: str = ""
    usage: Any = None
    """As the server says it, or a Usage."""
    calls: tuple[CallDelta, ...] = ()
    """What it says of calls of tools."""

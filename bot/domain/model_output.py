"""What a language model gives, and what it cost."""

from dataclasses import dataclass

from bot.domain.tools import ToolCall


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call of a model cost, in that model's tokens."""

    model: str
    input: int
    output: int
    cached: int | None = None
    """Input tokens that the server had in its cache; None where it does not say."""
    estimated: bool = False
    """True when the server reported nothing and this is our own estimate."""
    cache_write: int | None = None
    """Input tokens that it put into its cache for later, none of them `cached`; None likewise."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer as it arrives."""

    text: str = ""
    finish: str | None = None
    """Why the model stopped ("stop", "length", ...); a stream without one is incomplete."""
    usage: Usage | None = None
    thought: int = 0
    """Characters that the model only thought: they are shown to nobody, and no part of `text`."""
    note: str = ""
    """What people are told beside the answer, with its last chunk: a picture was left out."""
    calls: tuple[ToolCall, ...] = ()
    """Tools that the model calls, whole, with its last chunk; `finish` is "tool_calls" then."""

"""What a trainer is given: a talk with the answer to learn, or two answers, one of them better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Teller = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class CalledTool:
    """A call that the answer's model made."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of an example."""

    role: Teller
    text: str
    learnt: bool = False
    """The model is to learn to say this: of what the assistant says, only the answer."""
    calls: tuple[CalledTool, ...] = ()
    call_id: str = ""
    """Of a tool's result: the call that it came of."""
    name: str = ""
    """Of a tool's result: the tool."""


@dataclass(frozen=True, slots=True)
class Example:
    """A talk whose last message is the answer to learn."""

    messages: tuple[Said, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    """JSON Schema of what was called, as far as its calls show it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A talk that ends with the question, the better answer, and the worse one."""

    messages: tuple[Said, ...]
    chosen: str
    rejected: str

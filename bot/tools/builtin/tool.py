"""What each of the built-in tools is."""

from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.tools.arguments import Arguments


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool has found."""

    text: str
    rests_on: tuple[int, ...] = ()
    """The messages of the channel that it tells of."""


class Builtin(Protocol):
    """A tool that comes with Nellie."""

    tool: Tool

    @property
    def missing(self) -> str:
        """What an operator has to set before it can be used; empty where it can."""
        ...

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """Do it. Raises ToolFailed, whose text the model reads."""
        ...


def schema(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def text_of(description: str) -> dict[str, Any]:
    """The schema of an argument that is a text."""
    return {"type": "string", "description": description}

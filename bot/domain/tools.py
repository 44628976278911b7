"""Tools that a model may call while it answers: what is offered, what it asks, what comes of it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from bot.text.tokens import estimate

ToolChoice = Literal["auto", "none"]
"""Whether the model may call a tool with this answer."""

_OTHER_SIGNS = re.compile(r"[^a-zA-Z0-9_-]")
_AROUND = 8  # tokens that stand around a tool or a call, whatever its server writes there


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a model is offered it."""

    name: str
    """As the model sees it: ^[a-zA-Z0-9_-]{1,64}$, which every provider takes."""
    description: str
    schema: Mapping[str, Any] = field(hash=False)
    """JSON Schema of its arguments, with `type: object`."""
    changes: bool = False
    """It changes something: it runs only once a person has consented. Else it only reads."""
    server: str = ""
    """The MCP server that offers it; empty for what is built in."""
    status: str = ""
    """What people are told while it runs ("searching memory"); empty for words made of its name."""

    @property
    def tokens(self) -> int:
        """Our estimate of what it costs in every prompt that offers it."""
        return _AROUND + estimate(self.name) + estimate(self.description) + _count(self.written)

    @property
    def written(self) -> str:
        """Its schema as one text, the same each time."""
        return json.dumps(self.schema, ensure_ascii=False, sort_keys=True)

    @property
    def doing(self) -> str:
        """What a status line says while it runs."""
        if self.status:
            return self.status
        return f"{'asking' if self.server else 'using'} {self.title}"

    @property
    def title(self) -> str:
        """As people read it: "github: create_issue"."""
        return f"{self.server}: {self.own_name}" if self.server else self.name

    @property
    def own_name(self) -> str:
        """Its name without that of its server, however that had to be written within it."""
        prefix = _OTHER_SIGNS.sub("_", self.server)
        if not self.name.lower().startswith(prefix.lower()):
            return self.name
        return self.name[len(prefix) :].lstrip("_-") or self.name


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model asks for."""

    id: str
    name: str
    arguments: str = "{}"
    """JSON as the model wrote it; it may be broken."""
    extra: str = ""
    """JSON that its server wants to have back with it, as it came (Gemini's signatures)."""

    @property
    def tokens(self) -> int:
        """Our estimate of it."""
        return _AROUND + estimate(self.name) + estimate(self.arguments)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call. Its text is a quote of somebody else's: never an instruction."""

    call_id: str
    text: str
    is_error: bool = False
    rests_on: tuple[int, ...] = ()
    """The messages of the channel that it tells of: an answer is forgotten with them."""


@lru_cache(maxsize=512)
def _count(text: str) -> int:
    return estimate(text)

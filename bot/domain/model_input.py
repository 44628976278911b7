"""What a language model is told: one message of its prompt."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.images import Image
from bot.domain.tools import ToolCall
from bot.text.tokens import estimate

Role = Literal["system", "user", "assistant", "tool"]
"""Of a tool: what came of a call."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt, as chat models take it."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()
    """What stands before the text; a model that cannot see gets a note in their place."""
    ends: tuple[int, ...] = ()
    """Where in the text a part ends that later prompts of the channel begin with as well."""
    calls: tuple[ToolCall, ...] = ()
    """What the assistant called, after its text."""
    call_id: str = ""
    """Of a tool: the call that the text is the result of."""

    @property
    def tokens(self) -> int:
        """Our estimate of it."""
        beside = sum(image.tokens for image in self.images) + sum(one.tokens for one in self.calls)
        return estimate(self.text) + beside

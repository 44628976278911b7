"""What a language model is told: one message of its prompt."""

from dataclasses import dataclass, field
from typing import Literal

from bot.domain.answer_trace import PromptPart
from bot.domain.images import Image
from bot.domain.tools import ToolCall
from bot.text.tokens import estimate

Role = Literal["system", "user", "assistant", "tool"]
"""Of a tool: what came of a call."""
Purpose = Literal[
    "answer", "compaction", "digest", "catchup", "document", "embedding", "task", "rule", "tuning"
]
"""What a model is called for: `task` is a command that works on a text (/translate, /classify),
`rule` the same for messages as they arrive, `tuning` what `nellie tune` tries."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt, as chat models take it."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()
    """They stand before the text, behind what of it is stable; a model that cannot see gets a line
    in the place of each."""
    ends: tuple[int, ...] = ()
    """Where in the text a part ends that later prompts of the channel begin with as well."""
    calls: tuple[ToolCall, ...] = ()
    """What the assistant called, after its text."""
    call_id: str = ""
    """Of a tool: the call that the text is the result of."""
    parts: tuple[tuple[PromptPart, int], ...] = field(default=(), compare=False)
    """What its text is made of, each part with where it ends."""

    @property
    def stable(self) -> int:
        """How much of the text later prompts of the channel begin with as well, in characters."""
        return self.ends[-1] if self.ends else 0

    @property
    def tokens(self) -> int:
        """Our estimate of it."""
        beside = sum(image.tokens for image in self.images) + sum(one.tokens for one in self.calls)
        return estimate(self.text) + beside

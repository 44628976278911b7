"""Going on with an answer in place, at servers that can: the model continues its own last message.

Everywhere else the prompt asks for it, in its last message (`Prompt.goes_on`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.model import Prompt

PLAIN, PREFIX = "plain", "prefix"
WAYS: dict[str, dict[str, Any]] = {
    PLAIN: {},  # a last message of the assistant's is gone on with by itself
    PREFIX: {},  # it says so in the message
    "final": {"continue_final_message": True, "add_generation_prompt": False},
    "continue": {"continue_": True},
}
"""What a server is sent beside the messages, by the name of its way."""


@dataclass(slots=True)
class Prefill:
    """How one model at one server goes on."""

    way: str = ""
    """One of WAYS; empty where nobody knows of one."""
    is_refused: bool = False

    def prompts(self, prompt: Prompt, *, thinks: bool) -> Iterator[Prompt]:
        """What to send, one after the other: in place where that can be, then as it was asked.

        A model that thinks first would go on with its thoughts.
        """
        if prompt.goes_on and self.way and not (self.is_refused or thinks):
            yield replace(prompt, messages=prompt.messages[:-1])
        yield prompt

    def parameters(self, prompt: Prompt) -> dict[str, Any]:
        """What goes beside the messages of such a prompt; nothing for others."""
        extra = WAYS.get(self.way, {}) if is_in_place(prompt) else {}
        return {"extra_body": extra} if extra else {}

    def marked(self, prompt: Prompt, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages of such a prompt, with what the server wants to be told in them."""
        if self.way == PREFIX and is_in_place(prompt):
            return [*written[:-1], {**written[-1], "prefix": True}]
        return written


def is_in_place(prompt: Prompt) -> bool:
    """Whether the last message is the one that is gone on with."""
    return prompt.goes_on and prompt.messages[-1].role == "assistant"

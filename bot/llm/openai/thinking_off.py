"""Short calls without thoughts: what each provider is sent so that a model does not think first."""

from dataclasses import dataclass
from typing import Any

from bot.domain.model import Prompt

_IN_TEMPLATE = {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}}
_WAYS: dict[str, dict[str, Any]] = {
    "openai": {"reasoning_effort": "low"},  # not every model there takes less
    "azure": {"reasoning_effort": "low"},
    "gemini": {"reasoning_effort": "none"},
    "vertex": {"reasoning_effort": "none"},
    "groq": {"reasoning_effort": "none"},
    "ollama": {"reasoning_effort": "none"},
    "openrouter": {"extra_body": {"reasoning": {"enabled": False}}},
    "deepseek": {"extra_body": {"thinking": {"type": "disabled"}}},
    "together": _IN_TEMPLATE,
    "vllm": _IN_TEMPLATE,
    "sglang": _IN_TEMPLATE,
    "llamacpp": _IN_TEMPLATE,
}


@dataclass(slots=True)
class ThinkingOff:
    """Whether and how one model at one server is asked to answer without thinking."""

    provider: str
    is_refused: bool = False

    def parameters(self, prompt: Prompt, *, thinks: bool) -> dict[str, Any]:
        """What goes beside the messages; nothing for an answer, or for who is not seen to think."""
        if self.is_refused or not thinks or prompt.purpose == "answer":
            return {}
        return _WAYS.get(self.provider, {})

    def learn(self, prompt: Prompt, words: str, *, thinks: bool) -> bool:
        """Read what a refusal says: whether it is of this, and worth asking again without."""
        sent = self.parameters(prompt, thinks=thinks)
        names = {*sent, *sent.get("extra_body", {})} - {"extra_body"}
        self.is_refused = self.is_refused or any(name in words for name in names)
        return bool(names) and self.is_refused

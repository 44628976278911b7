"""What a server refuses by its name: left out or renamed once, and remembered. Pure."""

import re
from typing import Any

from bot.llm.openai.cache_requests import MARK_NAMES, OPTIONS, is_marked, join_texts

Parameters = dict[str, Any]

# The two names of one limit: OpenAI's newer models refuse the first, most servers know no other.
_LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
# Without these, an answer is another one, or none.
_NEEDED = ("model", "messages", "input", "stream", "tools")
_AT_MOST = re.compile(
    r"(?:at most|maximum(?: value)?(?: of| is)?|up to|<=|less than or equal to|cannot exceed)"
    r"\D{0,20}?(\d+)",
    re.IGNORECASE,
)
# What is known of providers beforehand: another name, or None where a parameter says nothing there.
_WORDLESS: dict[str, str | None] = {"verbosity": None}
_EFFORTLESS: dict[str, str | None] = {"verbosity": None, "reasoning_effort": None}
SHIPPED: dict[str, dict[str, str | None]] = {
    "anthropic": {
        **_EFFORTLESS,
        "seed": None,
        "frequency_penalty": None,
        "presence_penalty": None,
    },
    "mistral": {**_EFFORTLESS, "seed": "random_seed"},
    "llamacpp": _EFFORTLESS,
    "transformers": _EFFORTLESS,
    "text-generation-webui": _EFFORTLESS,
    "oobabooga": _EFFORTLESS,
    **dict.fromkeys(
        ("gemini", "vertex", "groq", "together", "deepseek", "xai", "ollama", "vllm", "sglang"),
        _WORDLESS,
    ),
}
_OWN_NAMES = ("random_seed",)  # that the SDK does not know
# How a server says that it takes a text alone, where a part of one was sent.
_WANTS_TEXT = re.compile(
    r"\b(?:expected|valid|only|be|is not)(?: an?)?(?: valid)? str(?:ing)?\b"
    r"|content parts?\b.{0,30}\bnot\b|\bgot an array\b",
    re.IGNORECASE,
)
# How a server says that a message with calls must have a text, be it an empty one.
_WANTS_NO_NULL = re.compile(
    r"\bcontent\b.{0,80}(?:\bstring\b|\bnull\b|\bNone\b)|\b(?:null|None)\b.{0,80}\bcontent\b",
    re.IGNORECASE | re.DOTALL,
)
_SMALLEST_LIMIT = 16  # tokens: a limit below that is a misunderstanding


class Quirks:
    """What one model at one server does not take."""

    def __init__(self, provider: str = "") -> None:
        known = SHIPPED.get(provider, {})
        self._left_out = {name for name, other in known.items() if other is None}
        self._renamed = {name: other for name, other in known.items() if other}
        self._most_tokens: int | None = None
        self._takes_parts = True
        self._takes_null = True

    def adapt(self, parameters: Parameters) -> Parameters:
        """The parameters as this model takes them."""
        adapted: Parameters = {}
        for name, value in parameters.items():
            if name not in self._left_out:
                adapted[self._renamed.get(name, name)] = value
        if own := {name: adapted.pop(name) for name in _OWN_NAMES if name in adapted}:
            adapted["extra_body"] = {**adapted.get("extra_body", {}), **own}
        for name in _LIMIT_NAMES:
            if self._most_tokens and name in adapted:
                adapted[name] = min(adapted[name], self._most_tokens)
        if not self._takes_parts:
            adapted["messages"] = join_texts(adapted["messages"])
            adapted.pop(OPTIONS, None)  # it would keep nothing, where nothing is marked
        if not self._takes_null:
            adapted["messages"] = [
                {**one, "content": ""} if _has_null(one) else one for one in adapted["messages"]
            ]
        return adapted

    def learn(self, sent: Parameters, words: str) -> bool:
        """Read what a refusal says of what was sent. Whether it is worth asking again."""
        if is_marked(sent.get("messages", ())) and _refuses_parts(words):
            self._takes_parts = False
            return True
        named = [name for name in sent if _names(words, name) and name not in _NEEDED]
        limit = next((name for name in _LIMIT_NAMES if name in named), None)
        if limit:
            return self._learn_limit(limit, sent[limit], words)
        self._left_out.update(named)
        return bool(named)

    def learn_null(self, sent: Parameters, words: str) -> bool:
        """The same of messages that have calls and no text: llama-cpp-python answers 500."""
        has_null = any(_has_null(one) for one in sent.get("messages", ()))
        if not has_null or not self._takes_null or not _WANTS_NO_NULL.search(words):
            return False
        self._takes_null = False
        return True

    def _learn_limit(self, name: str, value: int, words: str) -> bool:
        number = _AT_MOST.search(words)
        if number and _SMALLEST_LIMIT <= int(number.group(1)[:9]) < value:
            self._most_tokens = int(number.group(1)[:9])
            return True
        other = _LIMIT_NAMES[1 - _LIMIT_NAMES.index(name)]
        first = next((old for old, new in self._renamed.items() if new == name), name)
        if first == other:  # renamed before, and that was no good either
            del self._renamed[first]
            self._left_out.add(first)
        elif first != name:
            self._left_out.add(first)
        else:
            self._renamed[name] = other
        return True


def _has_null(message: Parameters) -> bool:
    return "content" in message and message["content"] is None


def _names(words: str, name: str) -> bool:
    return re.search(rf"(?<![\w.])(?:body\.)?{re.escape(name)}(?!\w)", words) is not None


def _refuses_parts(words: str) -> bool:
    return any(name in words for name in MARK_NAMES) or bool(_WANTS_TEXT.search(words))

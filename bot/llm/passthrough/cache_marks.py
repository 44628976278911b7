"""What a caller did not say of its provider's cache, said for it; pure.

OpenAI keeps a prompt up to its marks alone since GPT-5.6, and routes by a key; Anthropic keeps
nothing without marks. A caller who says anything of that is left alone; so is any other provider.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.api import Body
from bot.llm.openai.cache_requests import MARK_NAMES, MARKS, OPTIONS, MarkStyle, find_mark_style
from bot.llm.passthrough.estimates import estimate_input
from bot.llm.providers.provider import Provider

KEY = "prompt_cache_key"
SHORTEST = 1_024  # tokens of a prompt that a provider keeps
_SPOKEN_OF = (KEY, OPTIONS, "prompt_cache_retention", "cache_control")
_TOLD = ("system", "developer")
_MARKABLE = (*_TOLD, "user", "tool")


class CacheMarks:
    """How one provider's cache is made use of."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def add(self, model: str, body: Body, scope: str) -> Body:
        """The body with marks and a key where its caller gave none.

        `scope` is for the key: the same beginning of two teams is not kept in one place.
        """
        style = find_mark_style(self._provider, model)
        if not (style or self._provider.is_openai) or _speaks_of_caching(body):
            return body
        messages: Any = body.get("messages")
        if not _are_messages(messages):
            return body
        own: dict[str, Any] = {}
        if self._provider.is_openai:
            own[KEY] = _key(scope, body)
        if style and estimate_input(body) >= SHORTEST and (ends := _ends(messages)):
            own["messages"] = _marked(messages, ends, style)
            if style == "breakpoints":
                own[OPTIONS] = {"mode": "explicit", "ttl": "30m"}
        return {**body, **own}


def _key(scope: str, body: Body) -> str:
    """The same for calls that begin alike: those go to the same machine, which knows the rest."""
    told = [one for one in body["messages"] if one.get("role") in _TOLD][:1]
    beginning = json.dumps([scope, body.get("tools"), told], sort_keys=True)
    return f"nellie-{hashlib.sha256(beginning.encode()).hexdigest()[:32]}"


def _ends(messages: Sequence[Mapping[str, Any]]) -> list[int]:
    """Where later calls may begin alike: what the model is told, the last call's end, this one's.

    A single question comes never again: only what stands before it is worth being written.
    """
    told = _leading(messages)
    ends = [told - 1] if told else []
    answers = [number for number, one in enumerate(messages) if one.get("role") == "assistant"]
    if answers:
        former = [number for number in range(told, answers[-1]) if _can_be_marked(messages[number])]
        newest = range(answers[-1], len(messages))
        ends += former[-1:]
        ends += [number for number in newest if _can_be_marked(messages[number])][-1:]
    return [number for number in ends if _can_be_marked(messages[number])]


def _leading(messages: Sequence[Mapping[str, Any]]) -> int:
    """How many messages at the beginning tell the model who it is."""
    for number, one in enumerate(messages):
        if one.get("role") not in _TOLD:
            return number
    return len(messages)


def _can_be_marked(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    if message.get("role") not in _MARKABLE or not content:
        return False
    if isinstance(content, str):
        return True
    return isinstance(content, list) and isinstance(content[-1], dict) and "type" in content[-1]


def _marked(
    messages: Sequence[Mapping[str, Any]], ends: Sequence[int], style: MarkStyle
) -> list[Mapping[str, Any]]:
    marked = list(messages)
    for number in ends:
        content = marked[number]["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        parts = [*parts[:-1], {**parts[-1], **MARKS[style]}]
        marked[number] = {**marked[number], "content": parts}
    return marked


def _are_messages(messages: Any) -> bool:
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(isinstance(one, dict) for one in messages)
    )


def _speaks_of_caching(body: Body) -> bool:
    if any(name in body for name in _SPOKEN_OF):
        return True
    messages = body.get("messages")
    return isinstance(messages, list) and any(
        name in part
        for one in messages
        if isinstance(one, dict) and isinstance(one.get("content"), list)
        for part in one["content"]
        if isinstance(part, dict)
        for name in MARK_NAMES
    )

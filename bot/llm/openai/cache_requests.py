"""How a server is asked to keep the beginning of a prompt: in its own words, or not at all; pure.

Most servers keep what they have read without being asked, and know no other content than a text.
OpenAI keeps a prompt up to marks since GPT-5.6, and Anthropic nothing without marks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

from bot.domain.model import ChatMessage
from bot.llm.message_content import format_content
from bot.llm.openai.tool_calls import format_call_fields
from bot.llm.providers.provider import Provider

MarkStyle = Literal["", "breakpoints", "cache_control"]

OPTIONS = "prompt_cache_options"
MARKS: dict[MarkStyle, dict[str, Any]] = {
    "breakpoints": {"prompt_cache_breakpoint": {"mode": "explicit"}},
    "cache_control": {"cache_control": {"type": "ephemeral"}},
}
MARK_NAMES = (OPTIONS, *(name for mark in MARKS.values() for name in mark))
_GPT = re.compile(r"(?:^|[:/])gpt-(\d{1,2})(?:\.(\d{1,2}))?(?!\d)")
_FIRST_WITH_BREAKPOINTS = (5, 6)
_LOOKS_BACK = 18  # Anthropic looks for what it kept up to twenty parts before a mark,
_OTHER_MARKS = 3  # and takes four marks


def find_mark_style(provider: Provider, model: str) -> MarkStyle:
    """How this model is asked, by what is known of its provider; `quirks` has what it refuses."""
    if provider.is_openai:
        version = _GPT.search(model)
        known = tuple(int(number or 0) for number in version.groups()) if version else (0, 0)
        return "breakpoints" if known >= _FIRST_WITH_BREAKPOINTS else ""
    if provider.is_at("anthropic", "api.anthropic.com"):
        return "cache_control"
    if provider.is_at("openrouter", "openrouter.ai") and model.startswith("anthropic/"):
        return "cache_control"
    return ""


def format_messages(
    messages: Sequence[ChatMessage], style: MarkStyle = "", provider: str = ""
) -> list[dict[str, Any]]:
    """The messages of a request; with a style, those with ends have parts for their content."""
    ends = [(number, end) for number, one in enumerate(messages) for end in one.ends if style]
    chosen = _choose(ends) if style == "cache_control" else ends
    marked = dict.fromkeys(chosen, MARKS[style]) if style else {}
    return [
        {
            "role": one.role,
            "content": _format_content(number, one, marked) if style else _format_plain(one),
            **format_call_fields(one, provider),
        }
        for number, one in enumerate(messages)
    ]


def cache_parameters(provider: Provider, style: MarkStyle, key: str) -> dict[str, Any]:
    """What is said of caching beside the messages.

    Without marks of its own a prompt is not to be kept: writing it would cost, and nobody reads it.
    """
    if not provider.is_openai:
        return {}
    options = {OPTIONS: {"mode": "explicit", "ttl": "30m"}} if style else {}
    return ({"prompt_cache_key": key} if key else {}) | options


def is_marked(messages: Sequence[dict[str, Any]]) -> bool:
    """Whether any part bears a mark."""
    return any(name in part for part in _parts(messages) for name in MARK_NAMES)


def join_texts(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same messages without marks, each with one text, but for where a picture stands."""
    return [{**one, "content": _join(one["content"])} for one in messages]


def _parts(messages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in messages:
        if isinstance(one["content"], list):
            yield from one["content"]


def _join(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    joined: list[dict[str, Any]] = []
    for part in content:
        text = {"type": "text", "text": part["text"]} if "text" in part else part
        if joined and "text" in joined[-1] and "text" in text:
            text["text"] = joined.pop()["text"] + text["text"]
        joined.append(text)
    return joined[0]["text"] if all("text" in part for part in joined) else joined


def _format_content(
    number: int, message: ChatMessage, marks: Mapping[tuple[int, int], dict[str, Any]]
) -> Any:
    """Pictures stand behind what is stable: before it they would change the beginning."""
    if not message.ends:
        return _format_plain(message)
    stable = [
        {"type": "text", "text": message.text[start:end]} | marks.get((number, end), {})
        for start, end in pairwise(sorted({0, *message.ends}))
    ]
    rest = format_content(replace(message, text=message.text[message.stable :], ends=()))
    if isinstance(rest, str):
        rest = [{"type": "text", "text": rest}] if rest else []
    return [*stable, *rest]


def _choose(ends: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first end, the last, and those before it from which all others can be seen."""
    return [*ends[:1], *ends[1:][::-1][::_LOOKS_BACK][:_OTHER_MARKS]]


def _format_plain(message: ChatMessage) -> Any:
    """What only calls says nothing: an empty text is refused by some servers."""
    return None if message.calls and not message.text else format_content(message)

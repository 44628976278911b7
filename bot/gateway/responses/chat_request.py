"""The body of a Responses request -> the body of a chat; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.api import Body
from bot.gateway.responses.fields import read, refused, require
from bot.gateway.responses.items import to_messages
from bot.gateway.responses.tools import to_chat_choice, to_chat_tools, to_response_format

# What only the Responses wire has: it is taken up below, or has no meaning for a chat.
_OWN = frozenset(
    (
        *("input", "instructions", "tools", "tool_choice", "text", "reasoning", "include"),
        *("max_output_tokens", "max_tool_calls", "truncation", "background", "prompt"),
        *("previous_response_id", "conversation", "context_management", "stream_options"),
        *("metadata", "store", "parallel_tool_calls", "top_logprobs", "n", "type"),
    )
)


def to_chat(body: Body, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The chat that asks for the same; `items` are the whole input, former turns before it.

    What it does not know is passed on: it is the model's server that knows it. Raises ApiError.
    """
    _refuse_what_is_not_served(body)
    chat = {key: value for key, value in body.items() if key not in _OWN and value is not None}
    chat["messages"] = to_messages(items, read(body, "instructions", str))
    chat |= _limits(body) | _tools(body) | _shape(body)
    if chat.get("stream"):
        chat["stream_options"] = {"include_usage": True}
    return chat


def _refuse_what_is_not_served(body: Body) -> None:
    if read(body, "background", bool):
        raise refused("background: answers are not written behind a call here.", "background")
    if body.get("prompt") is not None:
        raise refused("prompt: no prompts are stored here; send instructions and input.", "prompt")
    if body.get("conversation") is not None:
        raise refused(
            "conversation: only nellie and nellie/... remember conversations, by"
            " metadata.conversation.",
            "conversation",
        )
    truncation = read(body, "truncation", str)
    if truncation not in (None, "auto", "disabled"):
        raise refused("truncation is auto or disabled.", "truncation")


def _limits(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (most := read(body, "max_output_tokens", int)) is not None:
        if most < 1:
            raise refused("max_output_tokens is 1 or more.", "max_output_tokens")
        found["max_tokens"] = most
    if effort := read(read(body, "reasoning", dict) or {}, "effort", str, "reasoning"):
        found["reasoning_effort"] = effort
    wanted = read(body, "top_logprobs", int)
    if wanted or "message.output_text.logprobs" in (read(body, "include", list) or ()):
        found |= {"logprobs": True, **({"top_logprobs": wanted} if wanted else {})}
    return found


def _tools(body: Body) -> dict[str, Any]:
    tools = to_chat_tools(read(body, "tools", list) or ())
    choice = body.get("tool_choice")
    found: dict[str, Any] = {}
    if choice is not None:
        found["tool_choice"], tools = to_chat_choice(choice, tools)
    if not tools:
        return {}  # a choice among none says nothing, and some servers refuse it
    if (parallel := read(body, "parallel_tool_calls", bool)) is not None:
        found["parallel_tool_calls"] = parallel
    return {**found, "tools": tools}


def _shape(body: Body) -> dict[str, Any]:
    text = read(body, "text", dict)
    found: dict[str, Any] = {}
    if shape := to_response_format(text):
        found["response_format"] = shape
    if verbosity := read(text or {}, "verbosity", str, "text"):
        found["verbosity"] = verbosity
    return found


def model_of(body: Body) -> str:
    """The model that is asked for. Raises ApiError."""
    return require(body, "model", str)

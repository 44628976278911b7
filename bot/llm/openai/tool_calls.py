"""Tools in the words of Chat Completions: offered, called, answered; pure."""

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from bot.domain.model import ChatMessage
from bot.domain.tools import Tool, ToolCall
from bot.llm.answers.calls import CallDelta, read_arguments
from bot.prompting.template_marks import break_up_marks
from bot.text.sanitize import clean, show_hidden

_PLAIN_ID = re.compile(r"[a-zA-Z0-9_-]{1,40}")
_EXTRA = {"gemini": "extra_content", "vertex": "extra_content", "openai": "reasoning"}
"""What a provider wants to have back with its calls, by its name."""
_SHORT_ID = re.compile(r"[a-zA-Z0-9]{9}")  # all that Mistral takes


def read_calls(said: dict[str, Any]) -> tuple[CallDelta, ...]:
    """What a delta, or a whole message, says of calls, however its server writes them."""
    if not (said.get("tool_calls") or said.get("function_call")):
        return ()
    listed = said.get("tool_calls")
    found = listed if isinstance(listed, list) else [listed]
    read = [_read(one) for one in found if isinstance(one, dict)]
    former = said.get("function_call")
    if not read and isinstance(former, dict):
        read = [_read({"index": 0, "function": former})]
    return tuple(read)


def format_tools(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """What a request offers."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": break_up_marks(show_hidden(clean(tool.description))),
                "parameters": json.loads(_plain_schema(tool)),
            },
        }
        for tool in tools
    ]


def _plain_schema(tool: Tool) -> str:
    """A server's words too: none of them may speak as somebody else."""
    return break_up_marks(show_hidden(json.dumps(tool.schema, ensure_ascii=False)))


def format_call_fields(message: ChatMessage, provider: str = "") -> dict[str, Any]:
    """What stands beside the role and the content of a message."""
    if message.call_id:
        return {"tool_call_id": wire_id(message.call_id, provider)}
    if not message.calls:
        return {}
    return {"tool_calls": [_format_call(call, provider) for call in message.calls]}


def wire_id(call_id: str, provider: str = "") -> str:
    """An id that a provider takes: another model of the list may have given it."""
    takes = _SHORT_ID if provider == "mistral" else _PLAIN_ID
    return call_id if takes.fullmatch(call_id) else sha256(call_id.encode()).hexdigest()[:9]


def wire_arguments(call: ToolCall) -> str:
    """The arguments as JSON: many servers read them again, and fail where they are broken."""
    found = read_arguments(call.arguments)
    return break_up_marks(json.dumps(found or {}, ensure_ascii=False))


def _format_call(call: ToolCall, provider: str) -> dict[str, Any]:
    function = {"name": call.name, "arguments": wire_arguments(call)}
    written = {"id": wire_id(call.id, provider), "type": "function", "function": function}
    extra = read_arguments(call.extra) or {}
    own = _EXTRA.get(provider, "")  # what another model's server gave is nothing to this one
    return written | {own: extra[own]} if own in extra else written


def _read(one: dict[str, Any]) -> CallDelta:
    function = one.get("function")
    if isinstance(function, str):  # the name alone, with the arguments beside it
        function = {"name": function, "arguments": one.get("arguments")}
    if not isinstance(function, dict):
        function = one
    index = one.get("index")
    if isinstance(index, str) and index.isdecimal() and index.isascii():
        index = int(index[:4])
    extra = one.get("extra_content")
    return CallDelta(
        index=index if isinstance(index, int) and not isinstance(index, bool) else None,
        id=next(_texts(one, "id", "call_id", "tool_call_id"), ""),
        name=next(_texts(function, "name"), ""),
        arguments=_arguments(function),
        extra=json.dumps({"extra_content": extra}) if isinstance(extra, dict) else "",
    )


def _arguments(function: dict[str, Any]) -> str:
    """A text, or what some servers send in its place: the object itself."""
    given = function.get("arguments", function.get("parameters", function.get("input")))
    if given is None:
        return ""
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def _texts(fields: dict[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            yield value

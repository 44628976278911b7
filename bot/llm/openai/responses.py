"""OpenAI's Responses, for prompts with tools: a chat's request and events in its words; pure.

The newer models of OpenAI call no tools in Chat Completions while they think. Nothing is stored
there: what a model thought before its calls comes back encrypted, and goes along with them again.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.llm.answers.calls import CallDelta
from bot.llm.answers.pieces import Piece
from bot.llm.openai.events import raise_error
from bot.llm.openai.quirks import Parameters

_KEPT = ("temperature", "top_p", "tool_choice", "prompt_cache_key", "prompt_cache_options")
_LIMITS = ("max_completion_tokens", "max_tokens")
_LEAST = 16  # tokens: fewer are refused
_THOUGHTS = "reasoning.encrypted_content"
_PARTS = {"user": "input_text", "system": "input_text", "assistant": "output_text"}
_INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter"}


def to_responses(chat: Parameters) -> Parameters:
    """The same request as Responses have it."""
    sent: Parameters = {
        "model": chat["model"],
        "input": [item for message in chat["messages"] for item in _to_items(message)],
        "stream": True,
        "store": False,
        "include": [_THOUGHTS],
        "tools": [_to_tool(tool["function"]) for tool in chat.get("tools", ())],
    }
    sent |= {name: chat[name] for name in _KEPT if name in chat}
    if limits := [chat[name] for name in _LIMITS if name in chat]:
        sent["max_output_tokens"] = max(limits[0], _LEAST)
    if "reasoning_effort" in chat:
        sent["reasoning"] = {"effort": chat["reasoning_effort"]}
    if "verbosity" in chat:
        sent["text"] = {"verbosity": chat["verbosity"]}
    return sent


class ResponseEvents:
    """Reads the events of one answer."""

    def __init__(self) -> None:
        self._thoughts: list[dict[str, Any]] = []

    def read(self, body: Any) -> Piece:
        """What an event says. Raises ServerError where it is one."""
        if not isinstance(body, dict):
            return Piece()
        kind = str(body.get("type") or "")
        if kind in ("error", "response.failed") or (body.get("error") and not kind):
            raise_error(_object_of(body.get("response")) or body)
        if isinstance(body.get("output"), list):  # whole, and not streamed
            return self._whole(body)
        delta = body.get("delta")
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            return Piece(text=delta if isinstance(delta, str) else "")
        if kind.startswith("response.reasoning") and isinstance(delta, str):
            return Piece(thought=len(delta))
        if kind == "response.output_item.done":
            return Piece(calls=tuple(self._calls(_object_of(body.get("item")))))
        if kind in ("response.completed", "response.incomplete"):
            return self._end(_object_of(body.get("response")))
        return Piece()

    def _calls(self, item: dict[str, Any]) -> Iterator[CallDelta]:
        """The call that an item is; what was thought before it goes along."""
        if item.get("type") == "reasoning" and item.get("encrypted_content"):
            self._thoughts.append(item)
        if item.get("type") != "function_call":
            return
        extra = json.dumps({"reasoning": self._thoughts}) if self._thoughts else ""
        self._thoughts = []
        given = {name: item.get(name) for name in ("call_id", "name", "arguments")}
        texts = {name: value if isinstance(value, str) else "" for name, value in given.items()}
        yield CallDelta(None, texts["call_id"], texts["name"], texts["arguments"], extra)

    def _end(self, response: Mapping[str, Any]) -> Piece:
        reason = str(_object_of(response.get("incomplete_details")).get("reason") or "")
        return Piece(finish=_INCOMPLETE.get(reason, "stop"), usage=response.get("usage"))

    def _whole(self, response: dict[str, Any]) -> Piece:
        items = [_object_of(item) for item in response["output"]]
        parts = [
            _object_of(part)
            for item in items
            if item.get("type") == "message" and isinstance(item.get("content"), list)
            for part in item["content"]
        ]
        text = "".join(str(part.get("text") or part.get("refusal") or "") for part in parts)
        calls = tuple(call for item in items for call in self._calls(item))
        end = self._end(response)
        return Piece(text=text, finish=end.finish, usage=end.usage, calls=calls)


def _to_items(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "tool_call_id" in message:
        yield {
            "type": "function_call_output",
            "call_id": message["tool_call_id"],
            "output": message["content"] or "",
        }
        return
    if message["content"]:
        content = _to_content(message["role"], message["content"])
        yield {"role": message["role"], "content": content}
    for call in message.get("tool_calls", ()):
        yield from call.get("reasoning", ())
        yield {
            "type": "function_call",
            "call_id": call["id"],
            "name": call["function"]["name"],
            "arguments": call["function"]["arguments"],
        }


def _to_content(role: str, content: Any) -> Any:
    if isinstance(content, str):
        return content
    return [_to_part(_PARTS.get(role, "input_text"), part) for part in content]


def _to_part(kind: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """A part; the mark of a cache stays where it is."""
    if part["type"] == "image_url":
        return {"type": "input_image", "image_url": part["image_url"]["url"], "detail": "auto"}
    return {**part, "type": kind}


def _to_tool(function: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "strict": False, **function}


def _object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

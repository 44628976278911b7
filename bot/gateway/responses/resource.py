"""The response as an object: what was asked, repeated, and what became of it; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.api import Body
from bot.gateway.responses.reading import objects_in, text_of
from bot.gateway.responses.tools import CHOICES

# What OpenAI says of what nobody set; clients read these fields without asking whether they exist.
_DEFAULTS: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "temperature": 1.0,
    "top_p": 1.0,
    "top_logprobs": 0,
    "tool_choice": "auto",
    "metadata": {},
    "user": None,
}


def begin_resource(body: Body, *, id: str, model: str, created_at: int) -> dict[str, Any]:
    """A response of which nothing is written yet."""
    said = {key: body.get(key) for key in _DEFAULTS}
    repeated = {key: _DEFAULTS[key] if said[key] is None else said[key] for key in _DEFAULTS}
    reasoning = body.get("reasoning") or {}
    return {
        "id": id,
        "object": "response",
        "created_at": created_at,
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "usage": None,
        **repeated,
        "tools": [_tool(one) for one in body.get("tools") or ()],
        "tool_choice": _choice(repeated["tool_choice"]),
        "text": {"format": {"type": "text"}, **_without_nothing(body.get("text") or {})},
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "truncation": "disabled",  # an input that is too long is refused, whatever was asked for
        "background": False,
        "store": body.get("store") is True,
        "service_tier": body.get("service_tier") or "default",
    }


def to_usage(usage: Any) -> dict[str, Any] | None:
    """What a chat says it used, in the words of Responses; None where it does not say."""
    if not isinstance(usage, Mapping):
        return None
    given, written = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    read_of = _details(usage, "prompt_tokens_details")
    of_written = _details(usage, "completion_tokens_details")
    return {
        "input_tokens": given,
        "input_tokens_details": {
            "cached_tokens": _count(read_of, "cached_tokens"),
            "cache_write_tokens": _count(read_of, "cache_write_tokens"),
        },
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": _count(of_written, "reasoning_tokens")},
        "total_tokens": _count(usage, "total_tokens") or given + written,
    }


def to_logprobs(listed: Any) -> list[dict[str, Any]]:
    """Probabilities of tokens as Responses has them: no field of them is null."""
    return [
        {
            "token": text_of(one.get("token")),
            "logprob": one.get("logprob") or 0.0,
            "bytes": one.get("bytes") or [],
            "top_logprobs": to_logprobs(one.get("top_logprobs")),
        }
        for one in objects_in(listed)
    ]


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": None, "parameters": None, "strict": None, **tool}


def _choice(choice: Any) -> Any:
    """As the schema of the wire has it: what is allowed, with its mode."""
    if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
        return {"mode": CHOICES[0], **choice}
    return choice


def _without_nothing(text: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in text.items() if value is not None}


def _details(usage: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = usage.get(key)
    return found if isinstance(found, Mapping) else {}


def _count(usage: Mapping[str, Any], key: str) -> int:
    value = usage.get(key)
    return value if isinstance(value, int) else 0


def flatten(items: Sequence[Mapping[str, Any]]) -> str:
    """The text of what was answered, as SDKs put it together."""
    return "".join(
        part.get("text", "")
        for item in items
        if item.get("type") == "message"
        for part in item.get("content") or ()
    )

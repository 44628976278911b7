"""What a body asks for, as far as it is to be known before its model is asked; pure."""

from typing import Any

from bot.domain.api import ApiError, Body, Caller
from bot.gateway.calls import CallRequest, Kind
from bot.gateway.targets import Target
from bot.llm.passthrough.estimates import estimate_input

_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
LONGEST_NAME = 300


def model_of(body: Body) -> str:
    """The model that is asked for. Raises ApiError."""
    name = body.get("model")
    if not isinstance(name, str) or not name.strip():
        raise ApiError("Say which model: `model` is missing.", status=400, param="model")
    if len(name) > LONGEST_NAME:
        raise ApiError("No model has so long a name.", status=404, code="model_not_found")
    return name


def check(kind: Kind, body: Body) -> None:
    """Raises ApiError where nobody could answer this."""
    needed = {"chat": "messages", "responses": "input", "embeddings": "input"}[kind]
    if kind != "responses" and not body.get(needed):
        raise ApiError(f"`{needed}` is missing.", status=400, param=needed)
    if kind == "chat" and not isinstance(body["messages"], list):
        raise ApiError("`messages` is a list.", status=400, param="messages")
    if not isinstance(body.get("stream"), bool | None):
        raise ApiError("`stream` is true or false.", status=400, param="stream")


def request_of(
    kind: Kind, caller: Caller, target: Target, asked: str, body: Body, *, kept: bool
) -> CallRequest:
    """What is noted and reserved for it."""
    return CallRequest(
        kind=kind,
        asked=asked,
        model=target.asks,
        stream=bool(body.get("stream")),
        input=estimate_input(body) + target.adds,
        max_output=_most_output(body),
        address=caller.address,
        body=body if kept else None,
    )


def _most_output(body: Body) -> int | None:
    """Tokens that all answers together may have."""
    limits = [count for name in _LIMITS if (count := _count(body.get(name)))]
    return min(limits) * (_count(body.get("n")) or 1) if limits else None


def _count(value: Any) -> int:
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0

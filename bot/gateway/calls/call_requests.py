"""What a body asks for, as far as it is to be known before its model is asked; pure."""

import re
from typing import Any

from bot.domain.api import ApiError, Body, Caller
from bot.gateway.calls.calls import MOST_OUTPUT, USUAL_OUTPUT, CallRequest, Kind
from bot.gateway.models.targets import Target
from bot.llm.passthrough.estimates import estimate_input

MOST_ANSWERS = 128  # that one call may ask for (OpenAI's `n`)
_LIMITS = {
    "chat": ("max_completion_tokens", "max_tokens"),
    "responses": ("max_output_tokens",),
    "embeddings": (),
}
_LONGEST_NAME = 300
_STRAY = re.compile(r"[\x00-\x1f\x7f]|(^|/)\.{1,2}(/|$)|^\s|\s$")
"""What stands in no model's name: where a name becomes a part of an address, it would steer it."""


def model_of(body: Body) -> str:
    """The model that is asked for. Raises ApiError."""
    name = body.get("model")
    if not isinstance(name, str) or not name.strip():
        raise ApiError("Say which model: `model` is missing.", status=400, param="model")
    if len(name) > _LONGEST_NAME or _STRAY.search(name):
        raise ApiError("No model has such a name.", status=404, code="model_not_found")
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
        max_output=most_output(kind, body),
        address=caller.address,
        body=body if kept else None,
    )


def most_output(kind: Kind, body: Body) -> int | None:
    """Tokens that all answers together may have; what another wire calls a limit is none here.

    Of two limits, a server may know either: the larger counts.
    """
    answers = max(1, *(min(_count(body.get(name)), MOST_ANSWERS) for name in ("n", "best_of")))
    limits = [count for name in _LIMITS[kind] if (count := _count(body.get(name)))]
    if not limits and answers == 1:
        return None
    return min(max(limits, default=USUAL_OUTPUT), MOST_OUTPUT) * answers


def _count(value: Any) -> int:
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0

"""A Responses call of any model: as its provider serves it where it does, else over its chat."""

from typing import Any

from bot.domain.api import Body, Caller
from bot.gateway.models.targets import Target, TargetAnswer
from bot.gateway.responses.answering import to_events, to_response
from bot.gateway.responses.chat_request import to_chat
from bot.gateway.responses.fields import read, refused
from bot.gateway.responses.items import to_input_items
from bot.gateway.teammate.models import TeammateModel

WISHES = ("metadata", "store")
"""By which Nellie is asked to remember a conversation; no other model is told of them."""


async def respond(target: Target, caller: Caller, body: Body) -> TargetAnswer:
    """The answer. Raises ApiError and what the target raises."""
    if (own := await target.responses(caller, body)) is not None:
        return own
    answer = await target.chat(caller, _as_chat(target, body))
    if answer.events is not None:
        answer.events = to_events(body, answer.events)
    elif answer.body is not None:
        answer.body = to_response(body, answer.body)
    return answer


def read_input(body: Body) -> list[dict[str, Any]]:
    """The items of a request. Raises ApiError for those that would have to be stored here."""
    if former := read(body, "previous_response_id", str):
        raise refused(
            f"Previous response with id {former[:100]!r} not found: responses are not stored here."
            " Send what was said before as items of `input`, or go on within one WebSocket.",
            "previous_response_id",
            "previous_response_not_found",
        )
    return to_input_items(body.get("input"))


def _as_chat(target: Target, body: Body) -> dict[str, Any]:
    chat = to_chat(body, read_input(body))
    if isinstance(target, TeammateModel):
        chat |= {name: body[name] for name in WISHES if body.get(name) is not None}
    return chat

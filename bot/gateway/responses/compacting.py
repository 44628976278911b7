"""Summing a conversation up for whoever leads it (POST /v1/responses/compact)."""

import time
from typing import Any

from bot.domain.api import ApiError, Body, Caller, read_body
from bot.gateway.models.targets import Target, TargetAnswer
from bot.gateway.responses.answering import to_response
from bot.gateway.responses.compaction import ASKED, pack
from bot.gateway.responses.fields import read
from bot.gateway.responses.items import to_messages
from bot.gateway.responses.output_items import new_id
from bot.gateway.responses.resource import flatten
from bot.gateway.responses.serving import read_input

NOTHING = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}


async def compact(target: Target, caller: Caller, body: Body) -> TargetAnswer:
    """One item that stands for all of them. Raises ApiError and what the target raises."""
    messages = to_messages(read_input(body), read(body, "instructions", str))
    chat = {"model": body["model"], "messages": [*messages, {"role": "user", "content": ASKED}]}
    answer = await target.chat(caller, chat)
    written = to_response(body, read_body(answer.body or {}))
    summary = flatten(written["output"])
    if not summary.strip():
        reason = "The model summed nothing up: keep the items, or ask another."
        raise ApiError(reason, status=502, type="server_error", code="server_error")
    answer.body = to_compaction(summary, written["usage"])
    return answer


def to_compaction(summary: str, usage: Body | None) -> dict[str, Any]:
    """The answer, as the wire has it."""
    item = {"id": new_id("cmp"), "type": "compaction", "encrypted_content": pack(summary)}
    return {
        "id": new_id("resp"),
        "object": "response.compaction",
        "created_at": int(time.time()),
        "output": [item],
        "usage": usage or NOTHING,
    }

"""What a model's port gives -> Chat Completions; pure."""

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from bot.domain.api import Body, Written
from bot.domain.model import Chunk, Usage
from bot.gateway.models.targets import TargetAnswer
from bot.llm.passthrough.chunks import wants_usage

_FINISHES = ("stop", "length", "content_filter")


async def write_answer(
    answer: TargetAnswer, model: str, body: Body, chunks: AsyncGenerator[Chunk, None]
) -> TargetAnswer:
    """The answer with its events, or its body where it is not to be streamed.

    The first chunk has come by then: what fails before it is raised here.
    """
    first = await anext(chunks)
    if body.get("stream"):
        answer.events = _write_chunks(model, first, chunks, with_usage=wants_usage(body))
    else:
        answer.body = await _write_whole(model, first, chunks)
    return answer


async def _write_chunks(
    model: str, first: Chunk, rest: AsyncGenerator[Chunk, None], *, with_usage: bool
) -> AsyncGenerator[Written, None]:
    head = _head(model, "chat.completion.chunk")
    async with aclosing(rest):
        yield _chunk(head, {"role": "assistant", "content": ""})
        async for chunk in _all(first, rest):
            if chunk.text:
                yield _chunk(head, {"content": chunk.text})
            if chunk.finish:
                yield _chunk(head, {}, _finish(chunk))
            if chunk.usage and with_usage:
                yield {**head, "choices": [], "usage": format_usage(chunk.usage)}


async def _write_whole(model: str, first: Chunk, rest: AsyncGenerator[Chunk, None]) -> Body:
    texts, finish, usage = list[str](), "stop", None
    async with aclosing(rest):
        async for chunk in _all(first, rest):
            texts.append(chunk.text)
            finish = _finish(chunk) if chunk.finish else finish
            usage = chunk.usage or usage
    message = {"role": "assistant", "content": "".join(texts), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    body = {**_head(model, "chat.completion"), "choices": [choice]}
    return {**body, "usage": format_usage(usage)} if usage else body


async def _all(first: Chunk, rest: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
    yield first
    async for chunk in rest:
        yield chunk


def format_usage(usage: Usage) -> dict[str, Any]:
    """Usage as Chat Completions have it."""
    found: dict[str, Any] = {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
    }
    details = {"cached_tokens": usage.cached, "cache_write_tokens": usage.cache_write}
    if known := {name: count for name, count in details.items() if count is not None}:
        found["prompt_tokens_details"] = known
    return found


def _head(model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _chunk(head: Body, delta: Body, finish: str | None = None) -> Body:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**head, "choices": [choice]}


def _finish(chunk: Chunk) -> str:
    return chunk.finish if chunk.finish in _FINISHES else "stop"

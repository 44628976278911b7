"""Models with a port of their own (TGI, a file, a plugin) by the names of Chat Completions."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from bot.config.settings import Settings
from bot.domain.api import ApiError, Body, Caller, Written
from bot.domain.model import Chunk, Usage
from bot.domain.ports import Model
from bot.gateway.port_prompts import to_prompt
from bot.gateway.targets import TargetAnswer
from bot.llm.model_call import ModelCall
from bot.llm.passthrough.estimates import estimate_texts

_FINISHES = ("stop", "length", "content_filter")


class PortModel:
    """One such model."""

    is_same_for_all = True

    def __init__(self, model: Model, settings: Settings) -> None:
        self.id = model.name
        self.owned_by = model.name.partition("/")[0]
        self._model = model
        self._settings = settings

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        prompt = to_prompt(self.id, body, self._settings.max_answer)
        deadline = asyncio.get_running_loop().time() + self._settings.turn_timeout
        call = ModelCall(self._model, prompt, self._settings, deadline)
        answer = TargetAnswer(model=self.id)
        answer.usage = Usage(self.id, prompt.tokens, 0, estimated=True)
        chunks = _raising(call, answer)
        first = await anext(chunks)
        if body.get("stream"):
            options = body.get("stream_options")
            wants = isinstance(options, dict) and bool(options.get("include_usage"))
            answer.events = _write_chunks(self.id, first, chunks, wants_usage=wants)
            return answer
        answer.body = await _write_whole(self.id, first, chunks)
        return answer

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        return None

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        raise ApiError(f"{self.id} makes no embeddings.", status=400, param="model")


async def _raising(call: ModelCall, answer: TargetAnswer) -> AsyncGenerator[Chunk, None]:
    """The chunks; an error is raised, and what the call cost is noted before."""
    texts, reported = list[str](), None
    try:
        async with aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                texts.append(chunk.text)
                if chunk.usage:
                    reported = answer.usage = chunk.usage
                if chunk.usage and call.error:
                    raise call.error
                yield chunk
    finally:
        if answer.usage and not reported:  # whoever listened has gone
            answer.usage = replace(answer.usage, output=estimate_texts(texts))


async def _write_chunks(
    model: str, first: Chunk, rest: AsyncGenerator[Chunk, None], *, wants_usage: bool
) -> AsyncGenerator[Written, None]:
    head = _head(model, "chat.completion.chunk")
    async with aclosing(rest):
        yield _chunk(head, {"role": "assistant", "content": ""})
        async for chunk in _all(first, rest):
            if chunk.text:
                yield _chunk(head, {"content": chunk.text})
            if chunk.finish:
                yield _chunk(head, {}, _finish(chunk))
            if chunk.usage and wants_usage:
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
    if usage.cached is not None:
        found["prompt_tokens_details"] = {"cached_tokens": usage.cached}
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

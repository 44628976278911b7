"""A stand-in for the server behind the endpoint: what it answers depends on what it is asked."""

import json
import struct
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from doubles.canned_responses import pieces
from doubles.loopback_server import LoopbackServer

MODELS = ("double", "embedder")
SPEND_ALL = "spend everything"
"""Words whose answer costs more than anybody may spend in a day."""
BREAKS_OFF, IS_BUSY = "break off", "be busy"
"""Words after which a stream is cut, and words that are refused for now."""
DEAR, CHEAP = 3_000_000, 12  # tokens of a prompt
ARGUMENTS = {"city": "Paris"}
VECTOR = (0.25, -0.5, 1.0)


@dataclass
class Upstream(LoopbackServer):
    """`async with Upstream() as upstream:` serves it at `upstream.url`."""

    root = "/v1"
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """The JSON of every request, as it came."""
    headers: list[dict[str, str]] = field(default_factory=list)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Chat Completions, embeddings and the list of models."""
        router.add_get("/v1/models", self._models)
        router.add_post("/v1/chat/completions", self._chat)
        router.add_post("/v1/embeddings", self._embed)

    async def _models(self, request: web.Request) -> web.Response:
        data = [{"id": one, "object": "model", "created": 1, "owned_by": "us"} for one in MODELS]
        return web.json_response({"object": "list", "data": data})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await self._receive(request)
        if IS_BUSY in json.dumps(body):
            return web.json_response({"error": {"message": "Too many calls."}}, status=429)
        if not body.get("stream"):
            return web.json_response(_completion(body))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number, event in enumerate(_events(body)):
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            if number == 2 and BREAKS_OFF in json.dumps(body) and request.transport:
                request.transport.abort()
                return response
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def _embed(self, request: web.Request) -> web.Response:
        body = await self._receive(request)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        packed = b64encode(struct.pack(f"<{len(VECTOR)}f", *VECTOR)).decode()
        vector = packed if body.get("encoding_format") == "base64" else list(VECTOR)
        data = [
            {"object": "embedding", "index": number, "embedding": vector}
            for number in range(len(texts))
        ]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        told = {"object": "list", "data": data, "model": "embedder", "usage": usage}
        return web.json_response(told)

    async def _receive(self, request: web.Request) -> dict[str, Any]:
        body: dict[str, Any] = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        return body


def _answer(body: dict[str, Any]) -> dict[str, Any]:
    """The message: a call of the first tool, what a tool said, pictures, or what it was asked."""
    last = body["messages"][-1]
    if last["role"] == "tool":
        return {"role": "assistant", "content": f"The tool said: {_text(last['content'])}"}
    if body.get("tools"):
        function = {
            "name": body["tools"][0]["function"]["name"],
            "arguments": json.dumps(ARGUMENTS),
        }
        call = {"id": "call_1", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if sizes := [len(url) for url in _pictures(last["content"])]:
        return {"role": "assistant", "content": f"I see {len(sizes)} picture of {sizes[0]} bytes."}
    return {"role": "assistant", "content": f"You said: {_text(last['content'])}"}


def _completion(body: dict[str, Any]) -> dict[str, Any]:
    message = _answer(body)
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return _envelope("chat.completion", [choice]) | {"usage": _usage(body)}


def _events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    message = _answer(body)
    yield _chunk({"role": "assistant", "content": ""})
    for number, call in enumerate(message.get("tool_calls") or ()):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        begun = {**call, "index": number, "function": {"name": name, "arguments": ""}}
        yield _chunk({"tool_calls": [begun]})
        for half in (arguments[:5], arguments[5:]):
            yield _chunk({"tool_calls": [{"index": number, "function": {"arguments": half}}]})
    for piece in pieces(message["content"] or ""):
        yield _chunk({"content": piece})
    yield _chunk({}, "tool_calls" if message.get("tool_calls") else "stop")
    if body.get("stream_options", {}).get("include_usage"):
        yield _envelope("chat.completion.chunk", []) | {"usage": _usage(body)}


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _envelope("chat.completion.chunk", [choice])


def _envelope(kind: str, choices: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": kind,
        "created": 1_700_000_000,
        "model": "double",
        "choices": list(choices),
    }


def _usage(body: dict[str, Any]) -> dict[str, Any]:
    read = DEAR if SPEND_ALL in json.dumps(body) else CHEAP
    details = {"cached_tokens": 4, "audio_tokens": 0}
    return {
        "prompt_tokens": read,
        "completion_tokens": 3,
        "total_tokens": read + 3,
        "prompt_tokens_details": details,
    }


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _pictures(content: Any) -> list[str]:
    parts = content if isinstance(content, list) else []
    return [part["image_url"]["url"] for part in parts if part.get("type") == "image_url"]

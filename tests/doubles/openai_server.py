"""A loopback stand-in for OpenAI and its kin, told request by request how to answer or to fail."""

import asyncio
import json
import re
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from aiohttp import web

Ending = Literal["done", "cut", "stall", "garbage", "unfinished", "error"]


@dataclass(frozen=True, slots=True)
class Play:
    """How one request is answered. A `status` other than 200 or a `page` comes without a stream."""

    text: str = "Hello from the double."
    echo: bool = False
    """Answer with the last message instead."""
    ending: Ending = "done"
    """What happens after the text; without one, "cut" and "unfinished" come before anything."""
    finish: str = "stop"
    delay: float = 0
    """Seconds before the first byte, and before each piece after it."""
    usage: bool = True
    cached: int | None = None
    deltas: tuple[dict[str, str], ...] = ()
    """Sent before the text: reasoning, a refusal."""
    status: int = 200
    error: str = ""
    """The server's words, in the shape of its errors."""
    page: str = ""
    """A web page, as a proxy in between would send."""


EMPTY = Play(text="")
OVERLOADED = Play(status=429, error="Rate limit reached, try again later")
HTML = Play(status=502, page="<html><title>502</title><h1>Bad Gateway</h1></html>")


@dataclass(slots=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    at: float
    """time.perf_counter() at its first byte."""
    body: dict[str, Any] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the caller hung up before the end."""


class OpenAIServer:
    """`async with OpenAIDouble() as double:` serves Chat Completions at `double.url`."""

    root = "/v1"

    def __init__(
        self, *, key: str = "", window: int = 0, models: list[dict[str, Any]] | None = None
    ):
        self.place = ("127.0.0.1", 0)
        """Host and port to listen on."""
        self.key = key
        self.window = window
        """Tokens; a prompt that leaves no room for its answer is refused. 0 is without limit."""
        self.models = models or [{"id": "double", "object": "model"}]
        self.props: dict[str, Any] = {}
        """What llama.cpp tells of itself; empty where the server is another."""
        self.size = 64
        """Numbers of a vector."""
        self.meanings: dict[str, str] = {}
        """Words that mean the same as another to the embedder."""
        self.longest = 0
        """Characters that one text to embed may have; 0 is without limit."""
        self.always = Play()
        """How requests are answered that no play was queued for."""
        self.requests: list[Seen] = []
        self.answers: list[tuple[str, Any]] = []
        """Path and JSON of all that was sent back."""
        self._queue: deque[Play] = deque()

    def play(self, *plays: Play) -> None:
        """Answer the next requests like this, one each."""
        self._queue.extend(plays)

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """The bodies of the requests that asked for an answer."""
        return [seen.body for seen in self.requests if "messages" in seen.body]

    @property
    def embedded(self) -> list[list[str]]:
        """The texts of each request for vectors."""
        return [seen.body["input"] for seen in self.requests if "input" in seen.body]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        self.add_routes(app.router)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self.place)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}{self.root}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/chat/completions", self._chat)
        router.add_post("/v1/embeddings", self._embeddings)
        router.add_get("/v1/models", self._models)
        router.add_get("/props", self._props)

    async def see(self, request: web.Request) -> Seen:
        seen = Seen(request.path, request.headers, time.perf_counter())
        self.requests.append(seen)
        if request.can_read_body:
            seen.body = await request.json()
        return seen

    def json(self, path: str, body: Any, status: int = 200) -> web.Response:
        self.answers.append((path, body))
        return web.json_response(body, status=status)

    def refuse(self, path: str, status: int, words: str, code: str | None = None) -> web.Response:
        error = {"message": words, "type": "invalid_request_error", "param": None, "code": code}
        return self.json(path, {"error": error}, status)

    async def _models(self, request: web.Request) -> web.Response:
        await self.see(request)
        return self.json(request.path, {"object": "list", "data": self.models})

    async def _props(self, request: web.Request) -> web.Response:
        await self.see(request)
        return self.json(request.path, self.props, 200 if self.props else 404)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._refusal, self._stream)

    async def serve(
        self,
        request: web.Request,
        refusal: Callable[[Seen], web.Response | None],
        stream: Callable[[web.Request, Seen, Play], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Refuse what is wrong with the request itself, then do as the next play says."""
        seen = await self.see(request)
        try:
            if refused := refusal(seen):
                return refused
            play = self._queue.popleft() if self._queue else self.always
            await asyncio.sleep(play.delay)
            if play.page:
                return web.Response(status=play.status, text=play.page, content_type="text/html")
            if play.ending == "cut" and not play.text:
                return abort(request)
            return await (self.fail if play.status != 200 else stream)(request, seen, play)
        except (asyncio.CancelledError, ConnectionError):  # while we waited, or while we spoke
            seen.left.set()
            raise

    async def fail(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        return self.refuse(seen.path, play.status, play.error)

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._not_embeddable, self._vectors)

    def _not_embeddable(self, seen: Seen) -> web.Response | None:
        if self.longest and max(map(len, seen.body["input"])) > self.longest:
            words = "Input validation error: `inputs` must have less than 512 tokens. Given: 700"
            return self.refuse(seen.path, 413, words)
        return self._wrong_key(seen)

    async def _vectors(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        texts = seen.body["input"]
        if play.ending == "garbage":
            return self.json(seen.path, {"data": [{"index": 0, "embedding": ["?"]}]})
        if play.ending == "stall":
            await asyncio.Event().wait()
        data = [
            {"object": "embedding", "index": index, "embedding": self._vector(text)}
            for index, text in enumerate(texts)
        ]
        if play.ending == "unfinished":
            data.pop()
        read = sum(len(pieces(text)) for text in texts)
        usage = {"prompt_tokens": read, "total_tokens": read} if play.usage else None
        # Not in their order: servers need not keep it.
        body = {"object": "list", "data": data[::-1], "model": "double", "usage": usage}
        return self.json(seen.path, body)

    def _vector(self, text: str) -> list[float]:
        """Texts with words of the same meaning are near to each other."""
        vector = [0.0] * self.size
        for word in re.findall(r"\w+", text.lower()) or ["?"]:
            vector[zlib.crc32(self.meanings.get(word, word).encode()) % self.size] += 1.0
        return vector

    def _wrong_key(self, seen: Seen) -> web.Response | None:
        if self.key and seen.headers.get("Authorization") != f"Bearer {self.key}":
            given = seen.headers.get("Authorization", "").removeprefix("Bearer ")
            return self.refuse(seen.path, 401, f"Incorrect API key provided: {given}.")
        return None

    def _refusal(self, seen: Seen) -> web.Response | None:
        if refused := self._wrong_key(seen):
            return refused
        if None in seen.body.values():
            return self.refuse(seen.path, 400, "Null is not of the expected type")
        needed, room = count(seen.body["messages"]), seen.body.get("max_tokens", 0)
        if self.window and needed + room > self.window:
            words = (
                f"This model's maximum context length is {self.window} tokens. However, you "
                f"requested {needed + room} tokens ({needed} in the messages, {room} in the "
                "completion). Please reduce the length of the messages or completion."
            )
            return self.refuse(seen.path, 400, words, "context_length_exceeded")
        return None

    async def _stream(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        if play.echo:
            play = replace(play, text=seen.body["messages"][-1]["content"])
        if not seen.body.get("stream"):
            return self.json(seen.path, self._completion(play))
        wire = await Wire.open(request, seen.path, self.answers)
        if play.ending == "unfinished" and not play.text:
            return await wire.close()
        for delta in ({"role": "assistant", "content": ""}, *play.deltas):
            await wire.send(self.chunk(delta))
        for piece in pieces(play.text):
            await asyncio.sleep(play.delay)
            await wire.send(self.chunk({"content": piece}))
        if play.ending != "done":
            return await self.end(wire, play)
        await wire.send(self.chunk({}, finish=play.finish))
        if play.usage and seen.body.get("stream_options", {}).get("include_usage"):
            await wire.send(self.usage_chunk(count(seen.body["messages"]), play))
        await wire.raw(b"data: [DONE]\n\n")
        return await wire.close()

    async def end(self, wire: "Wire", play: Play) -> web.StreamResponse:
        match play.ending:
            case "cut":
                return abort(wire.request, wire.response)
            case "stall":
                await asyncio.Event().wait()
            case "garbage":
                await wire.raw(b"data: {oops\n\n")
            case "error":
                await wire.send(self.stream_error(play.error))
                await wire.raw(b"data: [DONE]\n\n")
        return await wire.close()

    def _completion(self, play: Play) -> dict[str, Any]:
        message = {"role": "assistant", "content": play.text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": play.finish}
        return self.envelope([choice]) | {"object": "chat.completion"}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self.envelope([choice])

    def usage_chunk(self, read: int, play: Play) -> dict[str, Any]:
        written = len(pieces(play.text))
        usage: dict[str, Any] = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        }
        if play.cached is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": play.cached}
        return self.envelope([]) | {"usage": usage}

    def envelope(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": "double",
            "system_fingerprint": "fp_double",
            "choices": choices,
        }

    def stream_error(self, words: str) -> dict[str, Any]:
        return {"error": {"message": words, "type": "server_error", "code": None}}


@dataclass(slots=True)
class Wire:
    """A stream of server-sent events on its way, noting what it carried."""

    request: web.Request
    response: web.StreamResponse
    path: str
    sent: list[tuple[str, Any]]

    @classmethod
    async def open(cls, request: web.Request, path: str, sent: list[tuple[str, Any]]) -> Self:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        return cls(request, response, path, sent)

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append((self.path, event))
        await self.raw(b"data: " + json.dumps(event).encode() + b"\n\n")

    async def raw(self, line: bytes) -> None:
        await self.response.write(line)

    async def close(self) -> web.StreamResponse:
        await self.response.write_eof()
        return self.response


def abort(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Cut the socket."""
    if request.transport:
        request.transport.abort()
    return response or web.Response()


def pieces(text: str) -> list[str]:
    """The text in pieces that join to it again, about a token each."""
    return re.findall(r"\s*\S{1,6}|\s+", text)


def count(messages: list[dict[str, Any]]) -> int:
    """What the double takes for the tokens of a chat."""
    return sum(4 + len(pieces(message["content"])) for message in messages)

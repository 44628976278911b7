"""A loopback stand-in for OpenAI and compatible servers, told how to answer each request."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, EventStream, ReceivedRequest, abort, pieces
from doubles.embeddings_endpoint import EmbeddingsEndpoint, texts_of
from doubles.loopback_server import LoopbackServer

PICTURE = 85  # tokens


class OpenAIServer(EmbeddingsEndpoint, LoopbackServer):
    """`async with OpenAIServer() as server:` serves Chat Completions at `server.url`."""

    root = "/v1"

    def __init__(
        self, *, key: str = "", context_tokens: int = 0, models: list[dict[str, Any]] | None = None
    ):
        super().__init__()
        self.key = key
        self.context_tokens = context_tokens
        """A prompt that leaves no room for its answer is refused. 0 is without limit."""
        self.models = models or [{"id": "double", "object": "model"}]
        self.refusals: dict[str, tuple[int, str]] = {}
        """A status and words for whatever request has this text in its JSON."""
        self.shown: dict[str, Any] = {}
        """What Ollama shows of every model."""
        self.loaded: list[dict[str, Any]] = []
        """The models of LM Studio's own list; empty where the server is another."""
        self.props: dict[str, Any] = {}
        """What llama.cpp says of itself; empty where the server is another."""
        self.props_of: dict[str, dict[str, Any]] = {}
        """What llama.cpp's router says of each of its models, where it is asked for one."""
        self.info: dict[str, Any] = {}
        """What TEI says of itself; empty likewise."""
        self.default_response = CannedResponse()
        """How requests are answered for which nothing was queued."""
        self.requests: list[ReceivedRequest] = []
        self.answers: list[tuple[str, Any]] = []
        """Path and JSON of all that was sent back."""
        self._queue: deque[CannedResponse] = deque()

    def respond_with(self, *responses: CannedResponse) -> None:
        """Answer the next requests like this, one each."""
        self._queue.extend(responses)

    @property
    def environ(self) -> dict[str, str]:
        """The settings with which it answers."""
        return {
            "NELLIE_MODEL": "openai/double",
            "OPENAI_BASE_URL": self.url,
            "OPENAI_API_KEY": self.key or "secret-key",
        }

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """The bodies of the requests that asked for an answer."""
        return [request.body for request in self.requests if "messages" in request.body]

    @property
    def embedded_texts(self) -> list[list[str]]:
        """The texts of each request for vectors."""
        return [texts_of(request.body) for request in self.requests if "input" in request.body]

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """What the server answers to."""
        router.add_post("/v1/chat/completions", self._chat)
        router.add_post("/v1/embeddings", self.serve_embeddings)
        router.add_get("/v1/models", self._models)
        router.add_get("/props", self._props)
        router.add_get("/info", self._info)
        router.add_post("/api/show", self._show)
        router.add_get("/api/v0/models", self._loaded)

    async def receive(self, request: web.Request) -> ReceivedRequest:
        """Keep a request with its body."""
        received = ReceivedRequest(request.path, request.headers, time.perf_counter())
        self.requests.append(received)
        if request.can_read_body:
            received.body = await request.json()
        return received

    def json(self, path: str, body: Any, status: int = 200) -> web.Response:
        """A response of JSON, which is kept."""
        self.answers.append((path, body))
        return web.json_response(body, status=status)

    def refuse(self, path: str, status: int, text: str, code: str | None = None) -> web.Response:
        """A response that says what is wrong."""
        error = {"message": text, "type": "invalid_request_error", "param": None, "code": code}
        return self.json(path, {"error": error}, status)

    async def _models(self, request: web.Request) -> web.Response:
        await self.receive(request)
        return self.json(request.path, {"object": "list", "data": self.models})

    async def _props(self, request: web.Request) -> web.Response:
        await self.receive(request)
        found = self.props_of.get(request.query.get("model", ""), self.props)
        return self.json(request.path, found, 200 if found else 404)

    async def _info(self, request: web.Request) -> web.Response:
        await self.receive(request)
        return self.json(request.path, self.info, 200 if self.info else 404)

    async def _loaded(self, request: web.Request) -> web.Response:
        await self.receive(request)
        return self.json(request.path, {"data": self.loaded}, 200 if self.loaded else 404)

    async def _show(self, request: web.Request) -> web.Response:
        await self.receive(request)
        return self.json(request.path, self.shown, 200 if self.shown else 404)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._refusal, self._stream)

    async def serve(
        self,
        request: web.Request,
        refusal: Callable[[ReceivedRequest], web.Response | None],
        respond: Callable[
            [web.Request, ReceivedRequest, CannedResponse], Awaitable[web.StreamResponse]
        ],
    ) -> web.StreamResponse:
        """Refuse what is wrong with the request itself, else answer as it was told to."""
        received = await self.receive(request)
        try:
            if refused := refusal(received):
                return refused
            canned = self._queue.popleft() if self._queue else self.default_response
            await asyncio.sleep(canned.delay)
            if canned.page:
                return web.Response(
                    status=canned.status, text=canned.page, content_type="text/html"
                )
            if canned.ending == "cut" and not canned.text:
                return abort(request)
            return await (self.fail if canned.status != 200 else respond)(request, received, canned)
        except (asyncio.CancelledError, ConnectionError):  # the caller did not wait
            received.hung_up.set()
            raise

    async def fail(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        """Answer with an error."""
        return self.refuse(received.path, canned.status, canned.error)

    def _wrong_key(self, received: ReceivedRequest) -> web.Response | None:
        if self.key and received.headers.get("Authorization") != f"Bearer {self.key}":
            given = received.headers.get("Authorization", "").removeprefix("Bearer ")
            return self.refuse(received.path, 401, f"Incorrect API key provided: {given}.")
        return None

    def _refusal(self, received: ReceivedRequest) -> web.Response | None:
        if refused := self._wrong_key(received):
            return refused
        if None in received.body.values():
            return self.refuse(received.path, 400, "Null is not of the expected type")
        for text, (status, words) in self.refusals.items():
            if text in json.dumps(received.body):
                return self.refuse(received.path, status, words)
        needed, room = count(received.body["messages"]), received.body.get("max_tokens", 0)
        if self.context_tokens and needed + room > self.context_tokens:
            text = (
                f"This model's maximum context length is {self.context_tokens} tokens. However, you"
                f" requested {needed + room} tokens ({needed} in the messages, {room} in the "
                "completion). Please reduce the length of the messages or completion."
            )
            return self.refuse(received.path, 400, text, "context_length_exceeded")
        return None

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        if canned.echo:
            canned = replace(canned, text=read_text(received.body["messages"][-1]["content"]))
        if not received.body.get("stream"):
            return self.json(received.path, self._completion(canned))
        stream = await EventStream.open(request, received.path, self.answers)
        if canned.ending == "unfinished" and not canned.text:
            return await stream.close()
        for delta in ({"role": "assistant", "content": ""}, *canned.deltas):
            await stream.send(self.chunk(delta))
        for piece in pieces(canned.text):
            await asyncio.sleep(canned.delay)
            await stream.send(self.chunk({"content": piece}))
        if canned.ending != "done":
            return await self.end_badly(stream, canned)
        await stream.send(self.chunk({}, finish=canned.finish))
        if canned.usage and received.body.get("stream_options", {}).get("include_usage"):
            await stream.send(self.usage_chunk(count(received.body["messages"]), canned))
        await stream.send_raw(b"data: [DONE]\n\n")
        return await stream.close()

    async def end_badly(self, stream: EventStream, canned: CannedResponse) -> web.StreamResponse:
        """End a stream as it was told to, other than well."""
        match canned.ending:
            case "cut":
                return abort(stream.request, stream.response)
            case "stall":
                await asyncio.Event().wait()
            case "garbage":
                await stream.send_raw(b"data: {oops\n\n")
            case "error":
                await stream.send(self.stream_error(canned.error))
                await stream.send_raw(b"data: [DONE]\n\n")
        return await stream.close()

    def _completion(self, canned: CannedResponse) -> dict[str, Any]:
        message = {"role": "assistant", "content": canned.text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": canned.finish}
        return self.envelope([choice]) | {"object": "chat.completion"}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self.envelope([choice])

    def usage_chunk(self, read: int, canned: CannedResponse) -> dict[str, Any]:
        written = len(pieces(canned.text))
        usage: dict[str, Any] = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        }
        if canned.cached is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": canned.cached}
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

    def stream_error(self, text: str) -> dict[str, Any]:
        return {"error": {"message": text, "type": "server_error", "code": None}}


def count(messages: list[dict[str, Any]]) -> int:
    """What the server takes for the tokens of a chat."""
    return sum(4 + _count_content(message.get("content") or "") for message in messages)


def read_text(content: Any) -> str:
    """A message's content as one text, whether it came as one or in parts; of calls alone, none."""
    if content is None:
        return ""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _count_content(content: Any) -> int:
    if content is None or isinstance(content, str):
        return len(pieces(content or ""))
    pictures = sum(PICTURE for part in content if "text" not in part)
    return pictures + len(pieces(read_text([part for part in content if "text" in part])))

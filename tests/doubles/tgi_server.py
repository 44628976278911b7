"""A loopback stand-in for Text Generation Inference: its own routes, beside its /v1."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, EventStream, ReceivedRequest, pieces
from doubles.openai_server import OpenAIServer
from doubles.tgi_pictures import BadPicture, expand, join_parts

_BOS = "<s>"
_SPECIAL = re.compile(r"(<s>|<\|\w+\|>)")
_LAST = re.compile(r".*<\|user\|>(.*?)<\|end\|>", re.DOTALL)


class TGIServer(OpenAIServer):
    """`max_input` and `max_total` are its budget; `templates` says whether it can render chats.

    `sees` is a vision model, `grammars` a server that knows formats, `offsets` a fast tokenizer;
    `version` is its router's. `adapters` are its LoRAs by name, each with what it always says.
    """

    root = ""

    def __init__(
        self,
        *,
        key: str = "",
        max_input: int = 4095,
        max_total: int = 4096,
        templates: bool = True,
        sees: bool = False,
        grammars: bool = True,
        offsets: bool = True,
        version: str = "3.3.7",
        most_stops: int = 4,
        payload: int = 2_000_000,
        adapters: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(key=key)
        self.max_input = max_input
        self.max_total = max_total
        self.templates = templates
        self.sees = sees
        self.grammars = grammars
        self.offsets = offsets
        self.version = tuple(map(int, version.split(".")))
        self.most_stops = most_stops
        self.payload = payload
        self.adapters = adapters or {}
        self.tells_probabilities = True
        self.refused = (200, "")
        """The status and the body that every answer to a rendered chat has, other than 200."""
        self.fetched: list[str] = []
        """The addresses that it would have asked, because a prompt named them."""

    @property
    def prompts(self) -> list[dict[str, Any]]:
        return [request.body for request in self.requests if "inputs" in request.body]

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_post("/tokenize", self._tokenize)
        router.add_post("/chat_tokenize", self._chat_tokenize)
        router.add_post("/generate_stream", self._generate_stream)

    def refuse(self, path: str, status: int, text: str, code: str | None = None) -> web.Response:
        return self.json(path, {"error": text, "error_type": code or "validation"}, status)

    def envelope(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return super().envelope(choices) | {"id": "", "usage": None}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return super().chunk({"role": "assistant", "content": ""} | delta, finish)

    def stream_error(self, text: str) -> dict[str, Any]:
        return {"error": {"message": text, "http_status_code": 422}}

    async def _info(self, request: web.Request) -> web.Response:
        await self.receive(request)
        info = {
            "model_id": "double/tiny",
            "max_input_tokens" if self.version >= (2, 1) else "max_input_length": self.max_input,
            "max_total_tokens": self.max_total,
            "max_concurrent_requests": 128,
            "max_best_of": 2,
            "max_stop_sequences": self.most_stops,
            "max_client_batch_size": 4,
            "validation_workers": 2,
            "router": "text-generation-router",
            "version": ".".join(map(str, self.version)),
        }
        return self.json(request.path, info)

    async def _tokenize(self, request: web.Request) -> web.Response:
        received = await self.receive(request)
        try:
            answer = self._count(f"{received.body['inputs']}", opening=True)
        except BadPicture as error:
            return self.refuse(received.path, 422, f"Input validation error: {error}")
        return self._wrong_bearer(received) or self.json(received.path, answer)

    async def _chat_tokenize(self, request: web.Request) -> web.Response:
        received = await self.receive(request)
        if not self.templates:
            return web.Response(status=404)
        if (request.content_length or 0) > self.payload:
            text = "Failed to buffer the request body: length limit exceeded"
            return web.Response(status=413, text=text)
        text = _BOS + "".join(
            f"<|{message['role']}|>{join_parts(message['content'])}<|end|>"
            for message in received.body["messages"]
        )
        text += "<|assistant|>"
        try:
            found = self._count(text, opening=self.version < (2, 3))
        except BadPicture as error:
            return self.refuse(received.path, 422, f"Input validation error: {error}")
        return self.json(received.path, {"templated_text": text, "tokenize_response": found})

    def _count(self, text: str, *, opening: bool) -> list[dict[str, Any]]:
        """Its tokens, pictures expanded; a slow tokenizer does not say where they are."""
        seen = expand(text, self.fetched) if self.sees else text
        found = [*([_OPENING] if opening else []), *tokens(seen)]
        if self.offsets:
            return found
        return [token | {"text": "", "start": 0, "stop": 0} for token in found]

    async def _generate_stream(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._wrong_bearer, self._generate)

    def _wrong_bearer(self, received: ReceivedRequest) -> web.Response | None:
        status, body = self.refused
        if status != 200 and received.path == "/generate_stream":
            kind = "application/json" if body.startswith("{") else "text/plain"
            return web.Response(status=status, text=body, content_type=kind)
        known = not self.key or received.headers.get("Authorization") == f"Bearer {self.key}"
        return None if known else web.Response(status=401)

    async def fail(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        """Answer with an error inside a stream that began well, as TGI does."""
        stream = await EventStream.open(request, received.path, self.answers)
        await stream.send(self._error(received, "Model is overloaded", "overloaded"))
        return await stream.close()

    async def _generate(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        stream = await EventStream.open(request, received.path, self.answers)
        inputs, new = received.body["inputs"], received.body["parameters"]["max_new_tokens"]
        try:
            read = len(self._count(inputs, opening=True))
        except BadPicture as error:
            await stream.send(
                self._error(received, f"Input validation error: {error}", "validation")
            )
            return await stream.close()
        if text := self._too_long(read, new) or self._wrong_parameters(received):
            await stream.send(self._error(received, text, "validation"))
            return await stream.close()
        if canned.echo and (last := _LAST.match(inputs)):
            canned = replace(canned, text=last[1])
        # A name that it does not know is the base model, without a word.
        adapter = self.adapters.get(received.body["parameters"].get("adapter_id", ""))
        canned = canned if adapter is None else replace(canned, text=adapter)
        logprob = _OF_BASE if adapter is None else _OF_ADAPTER
        logprob = logprob if self.tells_probabilities else None
        await stream.keep_alive(canned.keepalives)
        # Only at an end of its own does a model write a token for it.
        parts = pieces(canned.text)
        ends_in_text = canned.finish in ("length", "stop_sequence") and canned.ending == "done"
        last = parts.pop() if parts and ends_in_text else ""
        for index, piece in enumerate(parts, 1):
            await asyncio.sleep(canned.delay)
            await stream.send(_event(index, piece, logprob=logprob))
        if canned.ending == "error" and canned.error_type:
            await stream.send(self._error(received, canned.error, canned.error_type))
        elif canned.ending == "error":
            text = f"Request failed during generation: {canned.error}"
            await stream.send(self._error(received, text, "generation"))
        elif canned.ending != "done":
            return await self.end_badly(stream, canned)
        else:
            await stream.send(_last_event(len(parts) + 1, canned, read, last, logprob))
        return await stream.close()

    def _wrong_parameters(self, received: ReceivedRequest) -> str:
        """What its validation finds, in its own words."""
        parameters = received.body["parameters"]
        stops, grammar = parameters.get("stop", []), parameters.get("grammar")
        wrong = ""
        if len(stops) > self.most_stops:
            wrong = f"`stop` supports up to {self.most_stops} stop sequences. Given: {len(stops)}"
        elif grammar and not self.grammars:
            wrong = "grammar is not supported"
        elif grammar and grammar["type"] == "json" and "properties" not in grammar["value"]:
            wrong = "grammar is not valid: Grammar must have a 'properties' field"
        elif not -2 <= parameters.get("frequency_penalty", 0) <= 2:
            wrong = "`frequency_penalty` must be >= -2.0 and <= 2.0"
        return f"Input validation error: {wrong}" if wrong else ""

    def _error(self, received: ReceivedRequest, text: str, kind: str) -> dict[str, Any]:
        if received.path.startswith("/v1"):
            return self.stream_error(text)
        return {"error": text, "error_type": kind}

    def _too_long(self, read: int, new: int) -> str:
        if read + new > self.max_total:
            return (
                "Input validation error: `inputs` tokens + `max_new_tokens` must be "
                f"<= {self.max_total}. Given: {read} `inputs` tokens and {new} `max_new_tokens`"
            )
        if read > self.max_input:
            return (
                "Input validation error: `inputs` must have less than "
                f"{self.max_input} tokens. Given: {read}"
            )
        return ""


def tokens(text: str) -> list[dict[str, Any]]:
    """The text's tokens as TGI reports them; special ones are one each."""
    found, start = [], 0
    for part in _SPECIAL.split(text):
        for piece in [part] if _SPECIAL.fullmatch(part) else pieces(part):
            stop = start + len(piece.encode())
            number = 1 if piece == _BOS else 2 + len(piece)
            found.append({"id": number, "text": piece, "start": start, "stop": stop})
            start = stop
    return found


_OPENING = {"id": 1, "text": "", "start": 0, "stop": 0}


_OF_BASE, _OF_ADAPTER = -0.5, -0.5000001  # logarithms of probabilities


def _event(
    index: int, text: str, special: bool = False, logprob: float | None = _OF_BASE
) -> dict[str, Any]:
    token = {"id": index, "text": text, "logprob": logprob, "special": special}
    return {"index": index, "token": token, "generated_text": None, "details": None}


def _last_event(
    index: int, canned: CannedResponse, read: int, last: str, logprob: float | None
) -> dict[str, Any]:
    """The end-of-sequence token comes with a text of its own, which nobody should see."""
    finish = "eos_token" if canned.finish == "stop" else canned.finish
    details = {
        "finish_reason": finish,
        "generated_tokens": index,
        "seed": None,
        "input_length": read,
    }
    event = _event(index, last or "</s>", special=not last, logprob=logprob)
    return event | {"generated_text": canned.text, "details": details}

"""A loopback stand-in for Text Generation Inference: its own routes, beside its /v1."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, EventStream, ReceivedRequest, pieces
from doubles.openai_server import OpenAIServer

_BOS = "<s>"
_SPECIAL = re.compile(r"(<s>|<\|\w+\|>)")
_LAST = re.compile(r".*<\|user\|>(.*?)<\|end\|>", re.DOTALL)


class TGIServer(OpenAIServer):
    """`max_input` and `max_total` are its budget; `templates` says whether it can render chats."""

    root = ""

    def __init__(
        self,
        *,
        key: str = "",
        max_input: int = 4095,
        max_total: int = 4096,
        templates: bool = True,
    ) -> None:
        super().__init__(key=key)
        self.max_input = max_input
        self.max_total = max_total
        self.templates = templates

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
            "max_input_tokens": self.max_input,
            "max_total_tokens": self.max_total,
            "max_concurrent_requests": 128,
            "max_best_of": 2,
            "max_stop_sequences": 4,
            "max_client_batch_size": 4,
            "validation_workers": 2,
            "router": "text-generation-router",
            "version": "3.3.7",
        }
        return self.json(request.path, info)

    async def _tokenize(self, request: web.Request) -> web.Response:
        received = await self.receive(request)
        answer = [_OPENING, *tokens(received.body["inputs"])]
        return self._wrong_bearer(received) or self.json(received.path, answer)

    async def _chat_tokenize(self, request: web.Request) -> web.Response:
        received = await self.receive(request)
        if not self.templates:
            return web.Response(status=404)
        text = _BOS + "".join(
            f"<|{message['role']}|>{message['content']}<|end|>"
            for message in received.body["messages"]
        )
        text += "<|assistant|>"
        answer = {"templated_text": text, "tokenize_response": tokens(text)}
        return self.json(received.path, answer)

    async def _generate_stream(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._wrong_bearer, self._generate)

    def _wrong_bearer(self, received: ReceivedRequest) -> web.Response | None:
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
        read = 1 + len(tokens(inputs))
        if text := self._too_long(read, new):
            await stream.send(self._error(received, text, "validation"))
            return await stream.close()
        if canned.echo and (last := _LAST.match(inputs)):
            canned = replace(canned, text=last[1])
        parts = pieces(canned.text)
        for index, piece in enumerate(parts, 1):
            await asyncio.sleep(canned.delay)
            await stream.send(_event(index, piece))
        if canned.ending == "error":
            text = f"Request failed during generation: {canned.error}"
            await stream.send(self._error(received, text, "generation"))
        elif canned.ending != "done":
            return await self.end_badly(stream, canned)
        else:
            await stream.send(_last_event(len(parts) + 1, canned, read))
        return await stream.close()

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


def _event(index: int, text: str, special: bool = False) -> dict[str, Any]:
    token = {"id": index, "text": text, "logprob": -0.5, "special": special}
    return {"index": index, "token": token, "generated_text": None, "details": None}


def _last_event(index: int, canned: CannedResponse, read: int) -> dict[str, Any]:
    """The end-of-sequence token comes with a text of its own, which nobody should see."""
    finish = "eos_token" if canned.finish == "stop" else canned.finish
    details = {
        "finish_reason": finish,
        "generated_tokens": index,
        "seed": None,
        "input_length": read,
    }
    event = _event(index, "</s>", special=True)
    return event | {"generated_text": canned.text, "details": details}

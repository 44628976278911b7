"""A loopback stand-in for Text Generation Inference: its own routes, beside its /v1."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.openai_server import OpenAIServer, Play, Seen, Wire, pieces

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
        return [seen.body for seen in self.requests if "inputs" in seen.body]

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_get("/info", self._info)
        router.add_post("/tokenize", self._tokenize)
        router.add_post("/chat_tokenize", self._chat_tokenize)
        router.add_post("/generate_stream", self._generate_stream)

    def refuse(self, path: str, status: int, words: str, code: str | None = None) -> web.Response:
        return self.json(path, {"error": words, "error_type": code or "validation"}, status)

    def envelope(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return super().envelope(choices) | {"id": "", "usage": None}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return super().chunk({"role": "assistant", "content": ""} | delta, finish)

    def stream_error(self, words: str) -> dict[str, Any]:
        return {"error": {"message": words, "http_status_code": 422}}

    async def _info(self, request: web.Request) -> web.Response:
        await self.see(request)
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
        seen = await self.see(request)
        answer = [_OPENING, *tokens(seen.body["inputs"])]
        return self._unknown(seen) or self.json(seen.path, answer)

    async def _chat_tokenize(self, request: web.Request) -> web.Response:
        seen = await self.see(request)
        if not self.templates:
            return web.Response(status=404)
        text = _BOS + "".join(
            f"<|{message['role']}|>{message['content']}<|end|>" for message in seen.body["messages"]
        )
        text += "<|assistant|>"
        answer = {"templated_text": text, "tokenize_response": tokens(text)}
        return self.json(seen.path, answer)

    async def _generate_stream(self, request: web.Request) -> web.StreamResponse:
        return await self.serve(request, self._unknown, self._generate)

    def _unknown(self, seen: Seen) -> web.Response | None:
        known = not self.key or seen.headers.get("Authorization") == f"Bearer {self.key}"
        return None if known else web.Response(status=401)

    async def fail(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        """TGI says so inside a stream that began well."""
        wire = await Wire.open(request, seen.path, self.answers)
        await wire.send(self._error(seen, "Model is overloaded", "overloaded"))
        return await wire.close()

    async def _generate(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        wire = await Wire.open(request, seen.path, self.answers)
        inputs, new = seen.body["inputs"], seen.body["parameters"]["max_new_tokens"]
        read = 1 + len(tokens(inputs))
        if words := self._too_long(read, new):
            await wire.send(self._error(seen, words, "validation"))
            return await wire.close()
        if play.echo and (last := _LAST.match(inputs)):
            play = replace(play, text=last[1])
        said = pieces(play.text)
        for index, piece in enumerate(said, 1):
            await asyncio.sleep(play.delay)
            await wire.send(_event(index, piece))
        if play.ending == "error":
            words = f"Request failed during generation: {play.error}"
            await wire.send(self._error(seen, words, "generation"))
        elif play.ending != "done":
            return await self.end(wire, play)
        else:
            await wire.send(_last_event(len(said) + 1, play, read))
        return await wire.close()

    def _error(self, seen: Seen, words: str, kind: str) -> dict[str, Any]:
        if seen.path.startswith("/v1"):
            return self.stream_error(words)
        return {"error": words, "error_type": kind}

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


def _last_event(index: int, play: Play, read: int) -> dict[str, Any]:
    """The end-of-sequence token comes with a text of its own, which nobody should see."""
    finish = "eos_token" if play.finish == "stop" else play.finish
    details = {
        "finish_reason": finish,
        "generated_tokens": index,
        "seed": None,
        "input_length": read,
    }
    event = _event(index, "</s>", special=True)
    return event | {"generated_text": play.text, "details": details}

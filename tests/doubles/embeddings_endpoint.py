"""The /v1/embeddings of the stand-ins for model servers."""

import asyncio
import base64
import re
import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest, pieces

Refusal = tuple[int, str]
"""A status, and the server's words."""


class EmbeddingsEndpoint:
    """Texts that share words are near to each other; part of an OpenAIServer."""

    serve: Callable[..., Awaitable[web.StreamResponse]]
    refuse: Callable[..., web.Response]
    json: Callable[..., web.Response]
    _wrong_key: Callable[[ReceivedRequest], web.Response | None]

    def __init__(self) -> None:
        self.vector_size = 64
        self.synonyms: dict[str, str] = {}
        """Words that mean the same as another one to the embedder."""
        self.longest_text = 0
        """Characters that one text to embed may have; 0 is without limit."""
        self.too_long: Refusal = (
            413,
            "Input validation error: `inputs` must have less than 512 tokens. Given: 700",
        )
        """What a longer one is answered."""
        self.most_texts = 0
        """Texts that one request may have; 0 is without limit."""
        self.too_many: Refusal = (422, "batch size 33 > maximum allowed batch size 32")
        self.cannot_read = ""
        """A text that holds this is refused."""
        self.unreadable: Refusal = (500, "failed to generate embedding")
        """What it is answered; `{texts}` are all that came with it."""
        self.unknown_parameters: tuple[str, ...] = ()
        self.knows_dimensions = False
        """Vectors are of the size that is asked for."""
        self.encodes = False
        """Numbers come as base64, whatever was asked for."""
        self.spoil: Callable[[list[dict[str, Any]]], Any] = lambda data: data
        """What is done to the list of vectors before it is sent."""

    async def serve_embeddings(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for vectors."""
        return await self.serve(request, self._refuse_texts, self._send_vectors)

    def _refuse_texts(self, received: ReceivedRequest) -> web.Response | None:
        texts = texts_of(received.body)
        for name in self.unknown_parameters:
            if name in received.body:
                return self.refuse(received.path, 422, f"Extra inputs are not permitted: {name}")
        if self.most_texts and len(texts) > self.most_texts:
            return self.refuse(received.path, *self.too_many)
        if self.longest_text and max(map(len, texts)) > self.longest_text:
            return self.refuse(received.path, *self.too_long)
        if self.cannot_read and any(self.cannot_read in text for text in texts):
            status, words = self.unreadable
            return self.refuse(received.path, status, words.replace("{texts}", str(texts)))
        return self._wrong_key(received)

    async def _send_vectors(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        texts = texts_of(received.body)
        if canned.ending == "garbage":
            return self.json(received.path, {"data": [{"index": 0, "embedding": ["?"]}]})
        if canned.ending == "stall":
            await asyncio.Event().wait()
        size = received.body.get("dimensions") if self.knows_dimensions else None
        data = [
            {"object": "embedding", "index": index, "embedding": self._form(text, size)}
            for index, text in enumerate(texts)
        ]
        if canned.ending == "unfinished":
            data.pop()
        read = sum(len(pieces(text)) for text in texts)
        usage = {"prompt_tokens": read, "total_tokens": read} if canned.usage else None
        # Not in their order: servers need not keep it.
        body = {"object": "list", "data": self.spoil(data[::-1]), "model": "double", "usage": usage}
        return self.json(received.path, body)

    def _form(self, text: str, size: int | None) -> list[float] | str:
        vector = self._vector(text)[: size or self.vector_size]
        return encode(vector) if self.encodes else vector

    def _vector(self, text: str) -> list[float]:
        """Texts with words of the same meaning are near to each other."""
        vector = [0.0] * self.vector_size
        for word in re.findall(r"\w+", text.lower()) or ["?"]:
            vector[zlib.crc32(self.synonyms.get(word, word).encode()) % self.vector_size] += 1.0
        return vector


def texts_of(body: dict[str, Any]) -> list[Any]:
    """The inputs of a request, which may be one text alone."""
    given = body["input"]
    return [given] if isinstance(given, str) else list(given)


def encode(vector: Sequence[float]) -> str:
    """As OpenAI does it: four bytes a number, the smallest first."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

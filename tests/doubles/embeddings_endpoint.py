"""The /v1/embeddings of the stand-ins for model servers."""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest, pieces


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

    async def serve_embeddings(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for vectors."""
        return await self.serve(request, self._refuse_texts, self._send_vectors)

    def _refuse_texts(self, received: ReceivedRequest) -> web.Response | None:
        if self.longest_text and max(map(len, received.body["input"])) > self.longest_text:
            text = "Input validation error: `inputs` must have less than 512 tokens. Given: 700"
            return self.refuse(received.path, 413, text)
        return self._wrong_key(received)

    async def _send_vectors(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        texts = received.body["input"]
        if canned.ending == "garbage":
            return self.json(received.path, {"data": [{"index": 0, "embedding": ["?"]}]})
        if canned.ending == "stall":
            await asyncio.Event().wait()
        data = [
            {"object": "embedding", "index": index, "embedding": self._vector(text)}
            for index, text in enumerate(texts)
        ]
        if canned.ending == "unfinished":
            data.pop()
        read = sum(len(pieces(text)) for text in texts)
        usage = {"prompt_tokens": read, "total_tokens": read} if canned.usage else None
        # Not in their order: servers need not keep it.
        body = {"object": "list", "data": data[::-1], "model": "double", "usage": usage}
        return self.json(received.path, body)

    def _vector(self, text: str) -> list[float]:
        """Texts with words of the same meaning are near to each other."""
        vector = [0.0] * self.vector_size
        for word in re.findall(r"\w+", text.lower()) or ["?"]:
            vector[zlib.crc32(self.synonyms.get(word, word).encode()) % self.vector_size] += 1.0
        return vector

"""Texts to vectors, at OpenAI or any server with its /v1/embeddings."""

import math
from collections.abc import Sequence
from typing import Any, Self

from bot.config.settings import Settings
from bot.domain.errors import ContextOverflow, ModelError
from bot.domain.model import Usage
from bot.llm.openai_client import OpenAIEndpoint, retry_if_stale
from bot.llm.providers import find_embeddings_provider
from bot.telemetry import metrics
from bot.text.tokens import estimate

LARGEST_VECTOR = 16_000  # numbers of one vector that Postgres keeps
SHORTEST_TEXT = 40  # characters, below which a text cannot be too long

Vector = list[float]


class Embedder:
    """One embedding model. Every vector that it returns has length 1."""

    def __init__(self, name: str, endpoint: OpenAIEndpoint) -> None:
        self.name = f"{endpoint.provider.name}/{name}"
        self._model = name
        self._endpoint = endpoint

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The one of NELLIE_EMBEDDINGS. Raises SettingsError."""
        provider, name = find_embeddings_provider(settings)
        return cls(
            name,
            OpenAIEndpoint(settings.embeddings, provider, read_timeout=settings.read_timeout),
        )

    async def embed(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        """One vector for each text, and what they cost. Raises ModelError.

        Of a text that is too long for the model, the beginning is embedded.
        """
        try:
            vectors, usage = await self._request(texts)
        except ContextOverflow:
            if len(texts) == 1 and len(texts[0]) < SHORTEST_TEXT:
                raise
            return await self._embed_in_parts(texts)
        except ModelError as error:
            metrics.model_calls.add(self.name, type(error).__name__)
            raise
        metrics.model_calls.add(self.name, "ok")
        metrics.tokens.add("embedding", self.name, "input", by=usage.input)
        return vectors, usage

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.client.close()

    async def _embed_in_parts(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        if len(texts) == 1:
            return await self.embed([texts[0][: len(texts[0]) // 2]])
        half = len(texts) // 2
        first, usage = await self.embed(texts[:half])
        second, more = await self.embed(texts[half:])
        estimated = usage.estimated or more.estimated
        total = Usage(self.name, usage.input + more.input, 0, estimated=estimated)
        return first + second, total

    async def _request(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        with self._endpoint.mapped_errors():
            answer = await retry_if_stale(
                lambda: self._endpoint.client.embeddings.create(
                    model=self._model, input=list(texts), encoding_format="float"
                )
            )
            # The SDK checks nothing: what a server sends is looked at here.
            data = sorted(answer.data, key=lambda one: one.index)
            vectors = [self._normalize(one.embedding) for one in data]
            if len(vectors) != len(texts) or len(set(map(len, vectors))) > 1:
                raise self._invalid_answer()
        tokens = getattr(getattr(answer, "usage", None), "prompt_tokens", None)
        if isinstance(tokens, int) and tokens > 0:
            return vectors, Usage(self.name, tokens, 0)
        return vectors, Usage(self.name, sum(map(estimate, texts)), 0, estimated=True)

    def _normalize(self, numbers: Any) -> Vector:
        vector = [float(number) for number in numbers]
        length = math.hypot(*vector)
        if len(vector) > LARGEST_VECTOR or not 0 < length < math.inf:
            raise self._invalid_answer()
        return [number / length for number in vector]

    def _invalid_answer(self) -> ModelError:
        return ModelError(model=self.name, reason="it sent what are no vectors of these texts")

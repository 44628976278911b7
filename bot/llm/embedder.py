"""Texts to vectors, at OpenAI or any server with its /v1/embeddings."""

import math
from collections.abc import Sequence
from typing import Any, Self

from bot import metrics
from bot.conversation import Usage
from bot.errors import ContextOverflow, ModelError, SettingsError
from bot.llm.service import OPENAI, Service, unless_stale, web_address
from bot.settings import Settings
from bot.tokens import estimate

MOST = 16_000  # numbers of one vector that Postgres keeps
SHORTEST = 40  # characters, below which a text cannot be too long

Vector = list[float]


class Embedder:
    """One embedding model. Every vector that it returns has length 1."""

    def __init__(self, name: str, service: Service) -> None:
        self.name = f"openai/{name}"
        self._model = name
        self._service = service

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        """The one of NELLIE_EMBEDDINGS. Raises SettingsError."""
        name = settings.embeddings.removeprefix("openai/")
        key = settings.embeddings_key
        if settings.embeddings_url:
            url = web_address("NELLIE_EMBEDDINGS_URL", settings.embeddings_url)
        else:
            url = web_address("OPENAI_BASE_URL", settings.openai_base_url or OPENAI)
            key = key or settings.openai_api_key
        service = Service(settings.embeddings, url, key, read_timeout=settings.read_timeout)
        if key is None and service.official:
            reason = "NELLIE_EMBEDDINGS needs it, or else NELLIE_EMBEDDINGS_URL"
            raise SettingsError(name="OPENAI_API_KEY", reason=reason)
        return cls(name, service)

    async def embed(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        """One vector for each text, and what they cost. Raises ModelError.

        What is too long for the model is embedded by its beginning.
        """
        try:
            made = await self._asked(texts)
        except ContextOverflow:
            if len(texts) == 1 and len(texts[0]) < SHORTEST:
                raise
            return await self._smaller(texts)
        except ModelError as error:
            metrics.model_calls.add(self.name, type(error).__name__)
            raise
        metrics.model_calls.add(self.name, "ok")
        metrics.tokens.add("embedding", self.name, "input", by=made[1].input)
        return made

    async def close(self) -> None:
        """Give back what it holds."""
        await self._service.client.close()

    async def _smaller(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        if len(texts) == 1:
            return await self.embed([texts[0][: len(texts[0]) // 2]])
        half = len(texts) // 2
        first, cost = await self.embed(texts[:half])
        second, more = await self.embed(texts[half:])
        estimated = cost.estimated or more.estimated
        usage = Usage(self.name, cost.input + more.input, 0, estimated=estimated)
        return first + second, usage

    async def _asked(self, texts: Sequence[str]) -> tuple[list[Vector], Usage]:
        with self._service.translated():
            answer = await unless_stale(
                lambda: self._service.client.embeddings.create(
                    model=self._model, input=list(texts), encoding_format="float"
                )
            )
            # The SDK checks nothing: what a server sends is looked at here.
            data = sorted(answer.data, key=lambda one: one.index)
            vectors = [self._unit(one.embedding) for one in data]
            if len(vectors) != len(texts) or len(set(map(len, vectors))) > 1:
                raise self._useless()
        read = getattr(getattr(answer, "usage", None), "prompt_tokens", None)
        if isinstance(read, int) and read > 0:
            return vectors, Usage(self.name, read, 0)
        return vectors, Usage(self.name, sum(map(estimate, texts)), 0, estimated=True)

    def _unit(self, numbers: Any) -> Vector:
        vector = [float(number) for number in numbers]
        length = math.hypot(*vector)
        if len(vector) > MOST or not 0 < length < math.inf:
            raise self._useless()
        return [number / length for number in vector]

    def _useless(self) -> ModelError:
        return ModelError(model=self.name, reason="it sent what are no vectors of these texts")

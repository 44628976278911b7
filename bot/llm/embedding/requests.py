"""One request for vectors, in the dialect of its provider and its model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.domain.errors import ModelError, ModelRejected
from bot.domain.model import Usage
from bot.llm.embedding.answers import NoVectors, Vector, count_tokens, read_vectors, shorten
from bot.llm.embedding.models import KnownModel, find_model
from bot.llm.embedding.providers import find_dialect
from bot.llm.openai.client import OpenAIEndpoint, retry_if_stale
from bot.llm.openai.quirks import Parameters, Quirks
from bot.text.tokens import estimate

INFO_TIMEOUT = 3.0  # seconds for a question whose answer is merely nice to have
MOST_REFUSALS = 4  # parameters that one request may learn to leave out

Role = Literal["query", "passage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the operator wants otherwise than the model's name says."""

    dimensions: int = 0
    """Numbers that a vector shall have; 0 is the model's own size."""
    query: str | None = None
    """What stands before a question; None is by the model's name."""
    passage: str | None = None


class EmbeddingRequests:
    """One model at one server. `size` is how many numbers its vectors have, as far as is known."""

    def __init__(self, model: str, endpoint: OpenAIEndpoint, form: Form) -> None:
        self.model = model
        self.known: KnownModel = find_model(model)
        self.size = 0
        self._size_seen_once = 0
        self._endpoint = endpoint
        self._form = form
        self.dialect = find_dialect(endpoint.provider)
        self._quirks = Quirks()

    @property
    def dimensions(self) -> int:
        """Numbers that a vector shall have; 0 is the model's own size."""
        return self._form.dimensions

    def prefix(self, role: Role) -> str:
        """What stands before a text, so that the model knows what it is."""
        set_by_hand = self._form.query if role == "query" else self._form.passage
        if set_by_hand is not None:
            return set_by_hand
        if self._parameters_of(role):
            return ""
        return self.known.query if role == "query" else self.known.passage

    async def ask(self, texts: Sequence[str], role: Role) -> tuple[list[Vector], Usage]:
        """One vector of length 1 for each text. Raises ModelError."""
        with self._endpoint.mapped_errors():
            try:
                answer = await self._send(texts, role)
                vectors = self._sized(read_vectors(answer, len(texts)))
            except NoVectors as error:
                raise ModelError(model=self._endpoint.name, reason=str(error)) from None
        if tokens := count_tokens(answer):
            return vectors, Usage(self._endpoint.name, tokens, 0)
        read = sum(map(estimate, texts))
        return vectors, Usage(self._endpoint.name, read, 0, estimated=True)

    async def ask_info(self) -> dict[str, Any]:
        """What TEI says of itself; empty where it says nothing."""
        try:
            async with asyncio.timeout(INFO_TIMEOUT):
                info = await self._endpoint.get("../info")
        except Exception:  # another server, or none: the first request will tell
            return {}
        return info if isinstance(info, dict) else {}

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.client.close()

    async def _send(self, texts: Sequence[str], role: Role) -> Any:
        for _ in range(MOST_REFUSALS):
            extras = self._quirks.adapt(self._extras(role))
            try:
                with self._endpoint.mapped_errors():
                    return await self._post(texts, extras)
            except ModelRejected as error:
                if not self._quirks.learn(extras, str(error.details.get("body", error))):
                    raise
        return await self._post(texts, {})

    async def _post(self, texts: Sequence[str], extras: Parameters) -> Any:
        # Not by the SDK's own method, which asks for base64 and reads nothing else where no
        # encoding is named.
        body = {"model": self.model, "input": list(texts), **extras}
        return await retry_if_stale(
            lambda: self._endpoint.client.post("/embeddings", cast_to=object, body=body)
        )

    def _extras(self, role: Role) -> Parameters:
        """What a server may do without, and may refuse."""
        extras: Parameters = dict(self._parameters_of(role))
        if self.dialect.encoding:
            extras["encoding_format"] = self.dialect.encoding
        if self.dimensions and self.dialect.dimensions:
            extras[self.dialect.dimensions] = self.dimensions
        return extras

    def _parameters_of(self, role: Role) -> Parameters:
        return dict(self.dialect.query if role == "query" else self.dialect.passage)

    def _sized(self, vectors: list[Vector]) -> list[Vector]:
        """Vectors of the size that was asked for. Raises NoVectors where they cannot be had."""
        wanted = self.dimensions
        if wanted and len(vectors[0]) != wanted:
            if len(vectors[0]) < wanted or not self.known.can_be_cut:
                raise NoVectors(
                    f"its vectors have {len(vectors[0]):,} numbers and cannot be had with"
                    f" {wanted:,}: leave NELLIE_EMBEDDINGS_DIMENSIONS empty"
                )
            vectors = [shorten(vector, wanted) for vector in vectors]
        self._settle(len(vectors[0]))
        return vectors

    def _settle(self, size: int) -> None:
        """Another size is believed when it comes twice: then another model stands behind the name.

        Raises NoVectors the first time.
        """
        if self.size and size not in (self.size, self._size_seen_once):
            self._size_seen_once = size
            raise NoVectors(f"it sent vectors of {size:,} numbers, after {self.size:,} before")
        self.size, self._size_seen_once = size, 0

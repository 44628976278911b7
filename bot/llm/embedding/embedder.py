"""Texts to vectors, at OpenAI or any server with its /v1/embeddings."""

from collections.abc import Sequence
from typing import Self

import structlog

from bot.config.settings import Settings
from bot.domain.errors import ModelError
from bot.domain.model import Usage
from bot.llm.embedding.answers import Vector
from bot.llm.embedding.limits import SHORTEST_TEXT, EmbeddingLimits, cut
from bot.llm.embedding.models import find_model
from bot.llm.embedding.providers import find_embeddings_provider
from bot.llm.embedding.refusals import (
    concerns_all,
    may_be_too_much,
    says_too_long,
    share_that_fits,
)
from bot.llm.embedding.requests import EmbeddingRequests, Form, Role
from bot.llm.openai.client import OpenAIEndpoint
from bot.telemetry import metrics

HARMLESS = "hello"  # every server takes this that takes anything

log = structlog.get_logger(__name__)


class Embedder:
    """One embedding model. Every vector that it returns has length 1."""

    def __init__(self, name: str, endpoint: OpenAIEndpoint, form: Form | None = None) -> None:
        """Without a name: the model that the server was started with."""
        self.name = endpoint.name
        self._has_name = bool(name)
        self._requests = EmbeddingRequests(name or endpoint.provider.name, endpoint, form or Form())
        self._is_met = endpoint.provider.name != "tei"
        dialect = self._requests.dialect
        self._limits = EmbeddingLimits(
            texts=dialect.texts, tokens=dialect.tokens, window=self._requests.known.tokens
        )
        self._cuts = 0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The one of NELLIE_EMBEDDINGS. Raises SettingsError."""
        provider, name = find_embeddings_provider(settings)
        label = f"{provider.name}/{name}" if name else provider.name
        form = Form(
            dimensions=settings.embeddings_dimensions,
            query=settings.embeddings_query_prefix,
            passage=settings.embeddings_passage_prefix,
        )
        endpoint = OpenAIEndpoint(label, provider, read_timeout=settings.read_timeout)
        return cls(name, endpoint, form)

    @property
    def size(self) -> int:
        """How many numbers its vectors have; 0 before the first."""
        return self._requests.size

    @property
    def space(self) -> str:
        """What vectors have in common that may be compared: the model, and how it was asked."""
        parts = [self.name]
        if not self._has_name and self._requests.model != self.name:
            parts.append(f"/{self._requests.model}")
        if self._requests.dimensions:
            parts.append(f" of {self._requests.dimensions}")
        if prefix := self._requests.prefix("passage"):
            parts.append(f" after {prefix!r}")
        return "".join(parts)

    async def meet(self) -> None:
        """Ask TEI which model it serves, and how much it takes; once, as soon as it answers."""
        if self._is_met:
            return
        info = await self._requests.ask_info()
        if not info:
            return
        self._is_met = True
        if not self._has_name and isinstance(name := info.get("model_id"), str):
            self._requests.model, self._requests.known = name, find_model(name)
        if isinstance(most := info.get("max_client_batch_size"), int) and most > 0:
            self._limits.texts = most
        if isinstance(window := info.get("max_input_length"), int) and window > 0:
            self._limits.set_window(window)

    async def embed(
        self, texts: Sequence[str], role: Role = "passage"
    ) -> tuple[list[Vector], Usage]:
        """One vector for each text, and what they cost. Raises ModelError.

        Of a text that is too long for the model, the beginning is embedded.
        """
        await self.meet()
        prefix = self._requests.prefix(role)
        prepared = [self._limits.fit(prefix + text) for text in texts]
        try:
            vectors, usage = await self._embed(prepared, role)
        except ModelError as error:
            metrics.model_calls.add(self.name, type(error).__name__)
            raise
        metrics.model_calls.add(self.name, "ok")
        metrics.tokens.add("embedding", self.name, "input", by=usage.input)
        return vectors, usage

    async def embed_each(self, texts: Sequence[str]) -> tuple[list[Vector | None], Usage]:
        """The same; None for a text that this server takes in no form. Raises ModelError.

        It is raised only where any text would fare alike: so one bad text keeps no other waiting.
        """
        try:
            return await self._listed(texts)
        except ModelError as error:
            await self._check_that_it_is_well(error)
        vectors, usage = await self._isolate(texts)
        if len(texts) > 1 and None not in vectors:
            self._limits.texts = 1  # it takes each, and not all together
        return vectors, usage

    async def close(self) -> None:
        """Close its connections."""
        await self._requests.close()

    async def _isolate(self, texts: Sequence[str]) -> tuple[list[Vector | None], Usage]:
        """Halves of what was refused, down to the text that is to blame."""
        if len(texts) == 1:
            return await self._embed_or_none(texts[0])
        vectors, usages = list[Vector | None](), list[Usage]()
        middle = len(texts) // 2
        for half in (texts[:middle], texts[middle:]):
            try:
                found, usage = await self._listed(half)
            except ModelError as error:
                if concerns_all(error):
                    raise
                found, usage = await self._isolate(half)
            vectors += found
            usages.append(usage)
        return vectors, _sum(self.name, usages)

    async def _embed_or_none(self, text: str) -> tuple[list[Vector | None], Usage]:
        """It has failed before; the server may have been ill just then."""
        try:
            return await self._listed([text])
        except ModelError as error:
            await self._check_that_it_is_well(error)
            log.warning("text_not_embedded", model=self.name, error=type(error).__name__)
        return [None], Usage(self.name, 0, 0)

    async def _listed(self, texts: Sequence[str]) -> tuple[list[Vector | None], Usage]:
        vectors, usage = await self.embed(texts)
        return [*vectors], usage

    async def _check_that_it_is_well(self, error: ModelError) -> None:
        """Raises ModelError where a harmless text fares no better."""
        if concerns_all(error):
            raise error
        await self.embed([HARMLESS])

    async def _embed(self, texts: Sequence[str], role: Role) -> tuple[list[Vector], Usage]:
        """As many requests as it takes, by what was learned up to then."""
        vectors, usages = list[Vector](), list[Usage]()
        rest = texts
        while rest:
            batch = next(self._limits.batches(rest))
            found, usage = await self._embed_batch(batch, role)
            vectors += found
            usages.append(usage)
            rest = rest[len(batch) :]
        return vectors, _sum(self.name, usages)

    async def _embed_batch(self, batch: Sequence[str], role: Role) -> tuple[list[Vector], Usage]:
        try:
            return await self._requests.ask(batch, role)
        except ModelError as error:
            if not may_be_too_much(error):
                raise
            if len(batch) > 1:
                return await self._embed_halves(batch, role)
            if len(batch[0]) < SHORTEST_TEXT:
                raise
            return await self._embed_beginning(batch[0], role, error)

    async def _embed_halves(self, batch: Sequence[str], role: Role) -> tuple[list[Vector], Usage]:
        """Learned is that they were too many only where none of them was too long."""
        cuts, middle = self._cuts, len(batch) // 2
        first, usage = await self._embed(batch[:middle], role)
        second, more = await self._embed(batch[middle:], role)
        if self._cuts == cuts:
            self._limits.learn_batch(batch)
        return first + second, _sum(self.name, [usage, more])

    async def _embed_beginning(
        self, text: str, role: Role, error: ModelError
    ) -> tuple[list[Vector], Usage]:
        shorter = cut(text, share_that_fits(error))
        found = await self._embed_batch([shorter], role)
        self._cuts += 1
        if says_too_long(error):
            self._limits.learn_window(shorter)
        return found


def _sum(name: str, usages: Sequence[Usage]) -> Usage:
    return Usage(
        name,
        sum(usage.input for usage in usages),
        0,
        estimated=any(usage.estimated for usage in usages),
    )

"""The index of embeddings: filled in the background, searched beside the words.

When the embedder fails, nothing else does: old messages are found by their words alone.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import structlog

from bot.config.settings import Settings
from bot.domain.errors import DatabaseUnavailable, LimitReached, ModelError
from bot.language.hit_scores import SearchHit
from bot.limits.quotas import Quotas
from bot.memory.question_vectors import Cooldown, QuestionVectors
from bot.store.database import Database
from bot.store.embeddings import Embeddings, Missing, Vector
from bot.store.locks import LockKind, Locks
from bot.store.passage_embeddings import PassageEmbeddings
from bot.store.stores import Stores
from bot.store.usage import UsageLog
from bot.telemetry import metrics

if TYPE_CHECKING:
    from bot.llm.embedding.embedder import Embedder

log = structlog.get_logger(__name__)


class SemanticIndex:
    """What messages mean, or passages of documents, as one embedder sees it."""

    def __init__(
        self,
        *,
        embeddings: Embeddings,
        embedder: "Embedder",
        usage: UsageLog,
        quotas: Quotas,
        locks: Locks,
        patience: float = 0.0,
        questions: QuestionVectors | None = None,
    ) -> None:
        """`patience` is in seconds: so long a question waits for its vector."""
        self._embeddings = embeddings
        self._embedder = embedder
        self._usage = usage
        self._quotas = quotas
        self._locks = locks
        self._questions = questions or QuestionVectors(embedder, usage, patience=patience)
        self.passages: SemanticIndex | None = None
        """The same of passages of documents, prepared and filled with it."""
        self._can_store = False
        self._kept_size = 0
        self._fill_cooldown = Cooldown(embedder.name)

    @classmethod
    def from_settings(
        cls, settings: Settings, database: Database, stores: Stores, quotas: Quotas
    ) -> Self | None:
        """The index that NELLIE_EMBEDDINGS asks for; None where it asks for none."""
        if not settings.embeddings:
            return None
        from bot.llm.embedding.embedder import (
            Embedder,  # only here: a library of 23 MB is behind it
        )

        embedder = Embedder.from_settings(settings)
        index = cls(
            embeddings=Embeddings(database, embedder.space),
            embedder=embedder,
            usage=stores.usage,
            quotas=quotas,
            locks=stores.locks,
            patience=settings.embeddings_timeout,
        )
        index.passages = index.over(PassageEmbeddings(database, embedder.space))
        return index

    def over(self, embeddings: Embeddings) -> Self:
        """The index of something else, by the same embedder; questions are embedded once."""
        return type(self)(
            embeddings=embeddings,
            embedder=self._embedder,
            usage=self._usage,
            quotas=self._quotas,
            locks=self._locks,
            questions=self._questions,
        )

    @property
    def is_available(self) -> bool:
        """Whether questions are embedded now: vectors are stored, and the embedder works."""
        return self._can_store and self._questions.is_available

    async def prepare(self) -> None:
        """Have somewhere to store vectors; where that cannot be, log it: words have to do."""
        self._can_store = await self._embeddings.prepare()
        if not self._can_store:
            log.warning(
                "pgvector_missing",
                consequence="old messages are found by words alone",
                reason=self._embeddings.trouble,
            )
        elif self.passages:
            await self.passages.prepare()

    async def find_nearest(self, channel_id: int, text: str, *, limit: int) -> list[SearchHit]:
        """What is nearest in meaning; nothing when the embedder fails or is too slow."""
        if not self.is_available:
            return []
        vector = await self._questions.of(channel_id, text)
        if vector is None:
            return []
        self._embeddings.model = self._embedder.space
        return await self._embeddings.nearest(channel_id, vector, limit=limit)

    async def fill(self) -> int:
        """Embed what has no vector yet, a page of each channel in turn; returns how many that was.

        Ends when there is nothing left, or the embedder fails: then it is left alone for a while.
        Messages first, then documents.
        """
        embedded = await self._fill()
        return embedded + (await self.passages.fill() if self.passages else 0)

    async def _fill(self) -> int:
        embedded, skipped = 0, set[int]()
        await self._embedder.meet()
        self._embeddings.model = self._embedder.space
        while self._can_store and not self._fill_cooldown.active:
            due = [id_ for id_ in await self._embeddings.due() if id_ not in skipped]
            for channel_id in due:
                try:
                    count = await self._fill_or_skip(channel_id)
                except ModelError as error:  # its words may quote what was said
                    self._fill_cooldown.start(type(error).__name__)
                    return embedded
                if count is None:
                    skipped.add(channel_id)
                else:
                    self._fill_cooldown.reset()
                    embedded += count
            if not due:
                break
        return embedded

    async def close(self) -> None:
        """Close the embedder's connections; what it cost is kept by then."""
        await self._questions.close()
        await self._embedder.close()

    async def _fill_or_skip(self, channel_id: int) -> int | None:
        """Embed a page of a channel; None where there is nothing, or it cannot be done now."""
        try:
            return await self._fill_page(channel_id)
        except LimitReached as error:
            log.warning("embedding_waits", channel=channel_id, reason=str(error))
        except (ModelError, DatabaseUnavailable):
            raise
        except Exception as error:  # one channel's trouble is not every channel's
            metrics.job_failures.add("embedding")
            log.error("embedding_failed", channel=channel_id, exc_info=error)
        return None

    async def _fill_page(self, channel_id: int) -> int | None:
        """Embed a page of a channel; None where there is nothing, or another replica does it."""
        async with self._locks.holding(LockKind.EMBEDDING, channel_id) as alone:
            page = await self._embeddings.missing(channel_id) if alone else []
            if not page:
                return None
            to_embed = [message for message in page if message.own]
            vectors = dict[int, Vector | None]()
            if to_embed:
                await self._quotas.check_quotas(channel_id)
                vectors = await self._embed(channel_id, to_embed)
                await self._start_over_if_resized()
            await self._embeddings.put(channel_id, page, vectors)
            return len(to_embed)

    async def _embed(
        self, channel_id: int, messages: Sequence[Missing]
    ) -> dict[int, Vector | None]:
        """Each message's vector: half of it its own, half of it with its neighbours.

        None for what the embedder takes in no form; its neighbours alone are no reason.
        """
        texts = [text for message in messages for text in (message.own, message.around)]
        vectors, usage = await self._embedder.embed_each(texts)
        await self._usage.add(channel_id, [usage], "embedding")
        pairs = zip(messages, vectors[::2], vectors[1::2], strict=True)
        found = {message.seq: _mean(own, around) for message, own, around in pairs}
        if refused := [seq for seq, vector in found.items() if vector is None]:
            log.warning("messages_not_embedded", channel=channel_id, messages=refused)
        return found

    async def _start_over_if_resized(self) -> None:
        """Vectors of another size than those that are kept: then all are made anew."""
        size = self._embedder.size
        if size == self._kept_size:
            return
        before = await self._embeddings.kept_size()
        if before and before != size:
            log.warning(
                "embeddings_made_anew", model=self._embedder.name, numbers=size, before=before
            )
            await self._embeddings.start_over()
        self._kept_size = size


def _mean(own: Vector | None, around: Vector | None) -> Vector | None:
    if own is None or around is None:
        return own
    return [(a + b) / 2 for a, b in zip(own, around, strict=True)]

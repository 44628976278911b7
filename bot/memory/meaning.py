"""Embeddings: filled in the background, asked beside the words, missed by nobody when they fail."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from bot import metrics
from bot.errors import LimitReached, ModelError
from bot.language.ranking import Hit
from bot.limits import Limits
from bot.store.embeddings import LOCK, Embeddings, Missing
from bot.store.usage import UsageLog

if TYPE_CHECKING:
    from bot.llm.embedder import Embedder

ASKED = 2_000  # characters of a question that are embedded
SHORTEST, LONGEST = 15, 600  # seconds of rest

log = structlog.get_logger(__name__)


class Rest:
    """How long an embedder that fails is left alone: the longer, the more often it has failed."""

    def __init__(self, embedder: str) -> None:
        self._embedder = embedder
        self._seconds, self._until = 0.0, 0.0

    @property
    def lasts(self) -> bool:
        """Whether it is still left alone."""
        return time.monotonic() < self._until

    def begin(self, error: str) -> None:
        """It has failed; only the first time is said."""
        if not self._seconds:
            log.warning("embedder failed", model=self._embedder, error=error)
        self._seconds = min(max(SHORTEST, 2 * self._seconds), LONGEST)
        self._until = time.monotonic() + self._seconds

    def end(self) -> None:
        """It works."""
        self._seconds = 0.0


class Meaning:
    """What messages mean, as one embedder sees it."""

    def __init__(
        self,
        embeddings: Embeddings,
        embedder: "Embedder",
        usage: UsageLog,
        limits: Limits,
        *,
        patience: float,
    ) -> None:
        self._embeddings = embeddings
        self._embedder = embedder
        self._usage = usage
        self._limits = limits
        self._patience = patience
        """Seconds that a question waits for its vector."""
        self._kept = False
        self._asking, self._filling = Rest(embedder.name), Rest(embedder.name)

    @property
    def asks(self) -> bool:
        """Whether questions are embedded now: vectors are kept, and the embedder does not rest."""
        return self._kept and not self._asking.lasts

    async def prepare(self) -> None:
        """Have somewhere to keep vectors; where that cannot be, say so, and words have to do."""
        self._kept = await self._embeddings.prepare()
        if not self._kept:
            log.warning("embeddings need pgvector; old messages are found by their words alone")

    async def nearest(self, channel_id: int, text: str, *, limit: int) -> list[Hit]:
        """The messages nearest in meaning; none when the embedder fails or is too slow."""
        if not self.asks or not text.strip():
            return []
        try:
            async with asyncio.timeout(self._patience):
                (vector,), cost = await self._embedder.embed([text[:ASKED]])
        except TimeoutError:
            metrics.model_calls.add(self._embedder.name, "ModelTimeout")
            self._asking.begin("ModelTimeout")
            return []
        except ModelError as error:
            self._asking.begin(type(error).__name__)
            return []
        self._asking.end()
        found, _ = await asyncio.gather(
            self._embeddings.nearest(channel_id, vector, limit=limit),
            self._usage.add(channel_id, [cost], "embedding"),
        )
        return found

    async def fill(self) -> int:
        """Embed what has no vector yet, a page of each channel in turn; returns how many that was.

        Ends when there is nothing left, or the embedder fails: then it is left alone for a while.
        """
        made, waiting = 0, set[int]()
        while self._kept and not self._filling.lasts:
            due = [id_ for id_ in await self._embeddings.due() if id_ not in waiting]
            for channel_id in due:
                try:
                    count = await self._page(channel_id)
                except LimitReached as error:
                    log.warning("embedding waits", channel=channel_id, reason=str(error))
                    count = None
                except ModelError as error:  # its words may quote what was said
                    self._filling.begin(type(error).__name__)
                    return made
                if count is None:
                    waiting.add(channel_id)
                else:
                    self._filling.end()
                    made += count
            if not due:
                break
        return made

    async def close(self) -> None:
        """Give back what it holds."""
        await self._embedder.close()

    async def _page(self, channel_id: int) -> int | None:
        """Embed a page of a channel; None where there is nothing, or another replica does it."""
        async with self._embeddings.database.holding(LOCK, channel_id) as alone:
            page = await self._embeddings.missing(channel_id) if alone else []
            if not page:
                return None
            told = [one for one in page if one.own]
            vectors = dict[int, list[float]]()
            if told:
                await self._limits.spend(channel_id)
                vectors = await self._vectors(channel_id, told)
            await self._embeddings.put(channel_id, page, vectors)
            return len(told)

    async def _vectors(self, channel_id: int, told: Sequence[Missing]) -> dict[int, list[float]]:
        """Each message's: half of it its own, half of it with its neighbours."""
        texts = [text for one in told for text in (one.own, one.around)]
        found, cost = await self._embedder.embed(texts)
        await self._usage.add(channel_id, [cost], "embedding")
        return {
            one.seq: [(a + b) / 2 for a, b in zip(own, around, strict=True)]
            for one, own, around in zip(told, found[::2], found[1::2], strict=True)
        }

"""The vectors of questions, as one embedder makes them: each once, whatever is searched with it."""

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from bot.domain.errors import ModelError
from bot.memory.late_usage import LateUsage
from bot.store.embeddings import Vector
from bot.store.usage import UsageLog
from bot.telemetry import metrics

if TYPE_CHECKING:
    from bot.llm.embedding.embedder import Embedder

QUESTION_LIMIT = 2_000  # characters of a question that are embedded
KEPT = 2.0  # seconds that a vector is kept: messages and documents are searched at about one time
SHORTEST_COOLDOWN, LONGEST_COOLDOWN = 15, 600  # seconds

log = structlog.get_logger(__name__)


class Cooldown:
    """How long an embedder that fails is left alone: the longer, the more often it has failed."""

    def __init__(self, embedder: str) -> None:
        self._embedder = embedder
        self._seconds, self._until = 0.0, 0.0

    @property
    def active(self) -> bool:
        """Whether the embedder is still left alone."""
        return time.monotonic() < self._until

    def start(self, error: str) -> None:
        """The embedder has failed; only the first failure is logged."""
        if not self._seconds:
            log.warning("embedder_failed", model=self._embedder, error=error)
        self._seconds = min(max(SHORTEST_COOLDOWN, 2 * self._seconds), LONGEST_COOLDOWN)
        self._until = time.monotonic() + self._seconds

    def reset(self) -> None:
        """The embedder works."""
        self._seconds = 0.0


class QuestionVectors:
    """Asks the embedder; when it fails or is too slow, leaves it alone for a while."""

    def __init__(self, embedder: "Embedder", usage: UsageLog, *, patience: float) -> None:
        self._embedder = embedder
        self._usage = LateUsage(usage)
        self._patience = patience
        """Seconds that a question waits for its vector."""
        self._cooldown = Cooldown(embedder.name)
        self._made: dict[tuple[int, str], asyncio.Task[Vector | None]] = {}

    @property
    def is_available(self) -> bool:
        """Whether the embedder works, as far as is known."""
        return not self._cooldown.active

    async def of(self, channel_id: int, text: str) -> Vector | None:
        """The vector of a question, charged to its channel; None where there is none to be had."""
        text = text[:QUESTION_LIMIT]
        if not self.is_available or not text.strip():
            return None
        key = channel_id, text
        if key not in self._made:
            self._made[key] = asyncio.create_task(self._make(channel_id, text))
            self._made[key].add_done_callback(lambda made: self._let_go(key, made))
        return await asyncio.shield(self._made[key])

    async def close(self) -> None:
        """Keep what is not kept yet of what the vectors cost, also those that are being made."""
        await asyncio.gather(*self._made.values(), return_exceptions=True)
        await self._usage.close()

    def _let_go(self, key: tuple[int, str], made: "asyncio.Task[Vector | None]") -> None:
        if made.cancelled() or made.exception() or made.result() is None:
            self._made.pop(key, None)
        else:
            asyncio.get_running_loop().call_later(KEPT, self._made.pop, key, None)

    async def _make(self, channel_id: int, text: str) -> Vector | None:
        try:
            async with asyncio.timeout(self._patience):
                (vector,), usage = await self._embedder.embed([text], "query")
        except TimeoutError:
            metrics.model_calls.add(self._embedder.name, "ModelTimeout")
            self._cooldown.start("ModelTimeout")
            return None
        except ModelError as error:
            self._cooldown.start(type(error).__name__)
            return None
        self._cooldown.reset()
        self._usage.add(channel_id, usage)
        return vector

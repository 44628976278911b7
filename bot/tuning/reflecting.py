"""Texts that are made better by what was wrong with answers: GEPA's search, with our parts.

GEPA is in the extra `tune`. It is synchronous and runs in a thread; its own count of calls is
looked at between rounds only, so the budget is held by bot.tuning.search, to the answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.config.extras import how_to_install
from bot.domain.errors import ModelError, SettingsError
from bot.tuning.bridge import Bridge, Stopped
from bot.tuning.examples import Example
from bot.tuning.parts import Part
from bot.tuning.requests import feedback, reflections
from bot.tuning.search import BudgetSpent, Search
from bot.tuning.trying import Tried

MINIBATCH = 4  # examples that a new text is tried on before it is tried on the validation split
SILENT = 3  # times in a row that the model had no new text

Reflect = Callable[[str], Awaitable[str]]

try:
    from gepa.api import optimize
    from gepa.core.adapter import EvaluationBatch, GEPAAdapter, ProposalFn

    IS_INSTALLED = True
except ImportError:  # the extra is not installed
    IS_INSTALLED = False


def require_gepa() -> None:
    """Raises SettingsError where it is not installed."""
    if not IS_INSTALLED:
        reason = f"prompts are tuned by gepa, which is not installed: {how_to_install('tune')}"
        raise SettingsError(name="tune", reason=reason)


async def search_by_reflecting(
    search: Search, train: Sequence[Example], parts: Sequence[Part], reflect: Reflect, seed: int
) -> None:
    """Search until the budget is spent. Raises ModelError; what was found stays in the search."""
    bridge = Bridge(asyncio.get_running_loop())
    adapter = _Adapter(search, bridge, _Writer(reflect, bridge))
    work = asyncio.create_task(asyncio.to_thread(_optimize, train, parts, adapter, seed))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        bridge.stop()
        await asyncio.wait([work])
        raise


def _optimize(
    train: Sequence[Example], parts: Sequence[Part], adapter: "_Adapter", seed: int
) -> None:
    search = adapter.search
    answering: GEPAAdapter[Example, Tried, str] = adapter
    try:
        optimize(
            seed_candidate={part: search.seeds[part] for part in parts},
            trainset=list(train),
            valset=list(search.validation),
            adapter=answering,
            reflection_lm=adapter.writer,
            reflection_prompt_template=reflections(parts),
            reflection_minibatch_size=min(MINIBATCH, len(train)),
            max_metric_calls=search.budget,
            logger=_Silent(),
            track_best_outputs=False,
            skip_perfect_score=True,
            seed=seed,
        )
    except (BudgetSpent, Stopped):
        return


@dataclass(slots=True)
class _Adapter:
    """Answers examples for GEPA, and tells it what was wrong."""

    search: Search
    bridge: Bridge
    writer: "_Writer"
    propose_new_texts: "ProposalFn | None" = None  # GEPA asks its own question, in our words

    def evaluate(
        self, batch: list[Example], candidate: dict[str, str], capture_traces: bool = False
    ) -> "EvaluationBatch[Tried, str]":
        """Answers with their scores. Raises ModelError where nothing new is written any more."""
        self.writer.check()
        tried = self.bridge.call(self.search.evaluate(candidate, batch))
        return EvaluationBatch(
            outputs=[one.answer for one in tried],
            scores=[one.scored.score for one in tried],
            trajectories=tried,
        )

    def make_reflective_dataset(
        self,
        candidate: dict[str, str],
        eval_batch: "EvaluationBatch[Tried, str]",
        components_to_update: list[str],
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The same examples for each part: an answer shows what all of them do together."""
        shown = [feedback(one) for one in eval_batch.trajectories or ()]
        return dict.fromkeys(components_to_update, shown)


@dataclass(slots=True)
class _Writer:
    """The model that writes new texts, as GEPA calls it; GEPA goes on where that fails."""

    reflect: Reflect
    bridge: Bridge
    total_cost: float = 0.0  # GEPA asks for it; ours is counted by bot.tuning.asking
    _failed: int = 0
    _error: ModelError | None = None

    def __call__(self, prompt: str | list[dict[str, Any]]) -> str:
        """A new text."""
        self.check()
        try:
            text = self.bridge.call(self._ask(str(prompt)))
        except ModelError as error:
            self._failed, self._error = self._failed + 1, error
            raise
        self._failed = 0
        return text

    def check(self) -> None:
        """Raises ModelError where it has failed too often in a row."""
        if self._error and self._failed >= SILENT:
            raise self._error

    async def _ask(self, prompt: str) -> str:
        return await self.reflect(prompt)


class _Silent:
    """GEPA's log: it would print what people said."""

    def log(self, message: str) -> None:
        """Nothing."""

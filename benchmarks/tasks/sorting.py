"""Texts sorted as a command sorts them: quotas, prompts, checks and usage rows included."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from benchmarks.bench_platform import BenchPlatform, serving
from benchmarks.sample_channels import temporary
from benchmarks.tasks.watched_model import Seen, WatchedModel
from bot.domain.model import Channel
from bot.llm.fallback import load_models
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.tasks.classification import Classification
from bot.tasks.label_answers import Labelled
from bot.tasks.labels import LabelSet

CHANNEL = Channel("bench", "", "sorting")
AT_A_TIME = 50  # texts, between two signs of progress


@dataclass(slots=True, kw_only=True)
class Sorter:
    """A running Nellie with one model, whose answers are seen as they came."""

    model: WatchedModel
    platform: BenchPlatform
    database: Database
    classification: Classification
    unreadable: int = 0
    seconds: float = 0.0
    progress: Callable[[int, int], None] = field(default=lambda done, of: None)

    async def sort(self, labels: LabelSet, texts: Sequence[str]) -> list[str | None]:
        """The label of each; `model.seen`, `unreadable` and `seconds` are of these texts alone."""
        self.model.seen, self.unreadable, began = Seen(), 0, time.monotonic()
        state, found = ChannelState.unseen(CHANNEL), list[Labelled]()
        for first in range(0, len(texts), AT_A_TIME):
            found += await self.classification.classify(
                state, labels, texts[first : first + AT_A_TIME]
            )
            self.progress(len(found), len(texts))
        self.unreadable = sum(one.unreadable for one in found)
        self.seconds = time.monotonic() - began
        return [one.label for one in found]


@asynccontextmanager
async def sorting(name: str, at_once: int, **overrides: object) -> AsyncIterator[Sorter]:
    """Sorts with the model of that name; so many texts stand in one call at most."""
    async with temporary(model=name, **overrides) as (settings, database):
        loaded = load_models([name], settings)
        model, platform = WatchedModel(loaded.members[0][0]), BenchPlatform()
        async with serving(settings, database, model, platform) as nellie:
            yield Sorter(
                model=model,
                platform=platform,
                database=database,
                classification=replace(nellie.classification, at_once=at_once),
            )

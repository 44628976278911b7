"""A platform on which everything is delivered at once, and a Nellie that serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.bootstrap import Nellie, started
from bot.config.settings import Settings
from bot.domain.model import Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, Model, TurnControl
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database


class BenchPlatform(Adapter):
    """Takes each answer whole, and costs next to nothing."""

    name = "bench"
    finds_posts = True  # as those that people use

    def __init__(self) -> None:
        self.last_answer = ""

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Nothing comes in by itself."""

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Take the whole answer."""
        delivery_log.require_lease()
        self.last_answer = "".join([piece async for piece in text])
        await delivery_log.add(f"answer{turn.id}")


@asynccontextmanager
async def serving(
    settings: Settings, database: Database, model: Model, *adapters: Adapter
) -> AsyncIterator[Nellie]:
    """A running Nellie with this model."""
    models = ModelRegistry(settings, loader=lambda names, given: Fallback([model], given))
    async with started(settings, database, models, adapters) as nellie:
        yield nellie

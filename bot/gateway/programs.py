"""Adapters that let programs in are given the gateway; without one of them, none is built."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.config.settings import Settings
from bot.domain.ports import Adapter
from bot.llm.registry import ModelRegistry
from bot.store.stores import Stores


@asynccontextmanager
async def let_programs_in(
    adapters: Mapping[str, Adapter], settings: Settings, stores: Stores, models: ModelRegistry
) -> AsyncIterator[None]:
    """For as long as the block lasts."""
    wanting = [one for one in adapters.values() if type(one).use is not Adapter.use]
    if not wanting:
        yield
        return
    from bot.gateway.opening import opened_gateway  # only here: its libraries cost memory

    async with opened_gateway(
        settings=settings, stores=stores, models=models, adapters=adapters
    ) as gateway:
        for adapter in wanting:
            adapter.use(gateway)
        yield

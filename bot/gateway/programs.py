"""Adapters that let programs in are given the gateway; without one of them, none is built."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from bot.commands.dispatch import Commands
from bot.config.settings import Settings
from bot.core.gathering import Gathering
from bot.domain.ports import Adapter
from bot.limits.call_queue import CallQueue
from bot.llm.registry import ModelRegistry
from bot.store.stores import Stores


class Parts(Protocol):
    """What the gateway is built on: the parts of a running Nellie."""

    @property
    def settings(self) -> Settings: ...
    @property
    def adapters(self) -> Mapping[str, Adapter]: ...
    @property
    def stores(self) -> Stores: ...
    @property
    def models(self) -> ModelRegistry: ...
    @property
    def gathering(self) -> Gathering: ...
    @property
    def call_queue(self) -> CallQueue: ...
    @property
    def commands(self) -> Commands: ...


@asynccontextmanager
async def let_programs_in(parts: Parts) -> AsyncIterator[None]:
    """For as long as the block lasts."""
    wanting = [one for one in parts.adapters.values() if type(one).use is not Adapter.use]
    if not wanting:
        yield
        return
    from bot.gateway.opening import opened_gateway  # only here: its libraries cost memory

    async with opened_gateway(
        settings=parts.settings,
        stores=parts.stores,
        models=parts.models,
        adapters=parts.adapters,
        gathering=parts.gathering,
        call_queue=parts.call_queue,
        commands=parts.commands,
    ) as gateway:
        for adapter in wanting:
            adapter.use(gateway)
        yield

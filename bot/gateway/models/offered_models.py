"""What callers may ask for: each source of models, and who stands behind a name."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import structlog

from bot.config.settings import Settings
from bot.domain.api import ApiError, Caller, OfferedModel
from bot.gateway.models.fallback_list import AUTO, FallbackList
from bot.gateway.models.port_models import PortModel
from bot.gateway.models.provider_models import Providers
from bot.gateway.models.targets import Target
from bot.llm.circuit_breaker import CircuitBreaker
from bot.llm.registry import ModelRegistry

LISTED_FOR = 300.0  # seconds that a provider's list is remembered
ASKED_AGAIN = 30.0  # seconds after a list that did not come
PATIENCE = 3.0  # seconds that a caller waits for the lists

log = structlog.get_logger(__name__)


class Source(Protocol):
    """Models of one kind. Both raise ApiError."""

    async def offer(self, caller: Caller) -> Sequence[OfferedModel]:
        """What this caller can ask for."""
        ...

    async def find(self, caller: Caller, name: str) -> Target | None:
        """Who stands behind a name; None where it is none of this kind."""
        ...


class OfferedModels:
    """All of them; a key that names models may ask for those alone."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    async def offer(self, caller: Caller) -> list[OfferedModel]:
        """What a caller may ask for, in alphabetical order within each source."""
        found = [one for source in self._sources for one in await source.offer(caller)]
        return list({one.id: one for one in found if may_ask(caller, one.id)}.values())

    async def find(self, caller: Caller, name: str) -> Target:
        """Who answers by that name. Raises ApiError 404, also where the key may not ask for it."""
        for source in self._sources:
            if (target := await source.find(caller, name)) and may_ask(caller, target.id):
                return target
        raise _unknown(name)

    async def get(self, caller: Caller, name: str) -> OfferedModel:
        """The listed one that answers by that name. Raises ApiError 404."""
        listed = {one.id: one for one in await self.offer(caller)}
        found = listed.get(name) or listed.get((await self.find(caller, name)).id)
        if found is None:
            raise _unknown(name)
        return found


def _unknown(name: str) -> ApiError:
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    return ApiError(
        f"The model {shown!r} does not exist, or this key may not use it: GET /v1/models"
        " lists those that it may.",
        status=404,
        code="model_not_found",
        param="model",
    )


class ConfiguredModels:
    """`auto`, what the settings name, and all that the configured providers list."""

    def __init__(self, settings: Settings, models: ModelRegistry, providers: Providers) -> None:
        self._settings = settings
        self._models = models
        self._providers = providers
        self._lists = {kind: ProviderList(kind, providers) for kind in providers.names}

    async def offer(self, caller: Caller) -> list[OfferedModel]:
        """The list in use first, then the others."""
        named = [AUTO, *self._named(), *filter(None, [self._settings.embeddings])]
        others = sorted(name for names in await self._ask_lists() for name in names)
        return [
            OfferedModel(id=name, owned_by="nellie" if name == AUTO else name.partition("/")[0])
            for name in dict.fromkeys([*named, *others])
        ]

    async def find(self, caller: Caller, name: str) -> Target | None:
        if name == AUTO:
            return FallbackList(self._members(), self._providers.embedder())
        if name and name == self._settings.embeddings:
            return self._providers.embedder()
        if target := self._by_name(name):
            return target
        return await self._by_short_name(name)

    def _members(self) -> list[tuple[Target, CircuitBreaker]]:
        return [
            (self._providers.find(model.name) or PortModel(model, self._settings), breakers.answers)
            for model, breakers in self._models.get(None).members
        ]

    def _named(self) -> list[str]:
        in_use = [model.name for model, _ in self._models.get(None).members]
        return list(dict.fromkeys([*in_use, *self._settings.models]))

    def _by_name(self, name: str) -> Target | None:
        if target := self._providers.find(name):
            return target
        found = self._models.find(name)
        return PortModel(found[0], self._settings) if found else None

    async def _by_short_name(self, name: str) -> Target | None:
        """The only model of that name, whoever serves it: many programs know no other."""
        named = [one for one in self._named() if one.partition("/")[2] == name]
        if not named:
            lists = await self._ask_lists()
            named = [one for names in lists for one in names if one.partition("/")[2] == name]
        return self._by_name(named[0]) if len(set(named)) == 1 else None

    async def close(self) -> None:
        """Ask no provider any more."""
        for one in self._lists.values():
            await one.close()

    async def _ask_lists(self) -> list[list[str]]:
        return await asyncio.gather(*(one.get() for one in self._lists.values()))


class ProviderList:
    """The names of what one provider offers; asked when somebody wants to know."""

    def __init__(
        self, kind: str, providers: Providers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kind = kind
        self._providers = providers
        self._clock = clock
        self._names: list[str] = []
        self._asked_after = clock()
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> list[str]:
        """The names; those of before where it does not answer soon, or at all."""
        if self._clock() >= self._asked_after and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask())
        if self._asking and not self._asking.done() and not self._names:
            await asyncio.wait([self._asking], timeout=PATIENCE)
        return self._names

    async def close(self) -> None:
        """Wait for no answer any more."""
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            self._names = await self._providers.list_models(self._kind)
            self._asked_after = self._clock() + LISTED_FOR
        except Exception as error:
            self._asked_after = self._clock() + ASKED_AGAIN
            log.warning("models_not_listed", provider=self._kind, error=type(error).__name__)


def may_ask(caller: Caller, name: str) -> bool:
    """Whether the caller's key lets it ask for this model."""
    return not caller.models or any(_pattern(one).fullmatch(name) for one in caller.models)


@lru_cache(maxsize=1_000)
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, written.split("*"))), re.DOTALL)

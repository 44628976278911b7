"""The models of providers as they are: a pure proxy."""

from collections.abc import Mapping
from contextlib import suppress

from bot.config.settings import Settings
from bot.domain.api import Body, Caller
from bot.domain.errors import SettingsError
from bot.gateway.models.targets import TargetAnswer
from bot.llm.embedding.providers import find_embeddings_provider
from bot.llm.passthrough.upstream import Upstream
from bot.llm.providers.configured import find_configured
from bot.llm.providers.finding import at_azure, find_provider, openai_provider
from bot.llm.providers.provider import Provider


class ProviderModel:
    """One model of a provider, by <provider>/<name>."""

    is_same_for_all = True
    adds = 0

    def __init__(self, id: str, upstream: Upstream, model: str) -> None:
        self.id = self.asks = id
        self.owned_by = id.partition("/")[0]
        self._upstream = upstream
        self._model = model

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        return await self._upstream.chat(self._model, body, caller.team or str(caller.key_id))

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        return await self._upstream.responses(self._model, body)

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        return await self._upstream.embeddings(self._model, body)


class Providers:
    """Those that this machine has settings for."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        used = (name.partition("/")[0] for name in (*settings.model, *settings.models))
        self.names = tuple(find_configured(environ, used))
        self._providers: dict[str, Provider | None] = {}
        self._upstreams: dict[str, Upstream] = {}
        self._embedders: dict[str, Upstream] = {}  # which may have a key of its own

    def find(self, name: str) -> ProviderModel | None:
        """The model of a provider by that name; None where there is no such provider."""
        kind, _, model = name.partition("/")
        provider = self._provider(kind) if kind in self.names and model else None
        if provider is None:
            return None
        return ProviderModel(name, self._upstream(at_azure(provider, model, self._environ)), model)

    def embedder(self) -> ProviderModel | None:
        """The model of NELLIE_EMBEDDINGS, at its own address; None where there is none."""
        if not self._settings.embeddings:
            return None
        provider, model = find_embeddings_provider(self._settings)
        name = model or provider.name
        upstream = self._upstream(provider, self._embedders)
        return ProviderModel(self._settings.embeddings, upstream, name)

    async def list_models(self, kind: str) -> list[str]:
        """The names of what a provider offers. Raises whatever goes wrong."""
        provider = self._provider(kind)
        if provider is None:
            return []
        return [f"{kind}/{name}" for name in await self._upstream(provider).list_models()]

    async def close(self) -> None:
        """Close their connections."""
        for upstream in (*self._upstreams.values(), *self._embedders.values()):
            await upstream.close()

    def _provider(self, kind: str) -> Provider | None:
        if kind not in self._providers:
            self._providers[kind] = None
            with suppress(SettingsError):  # without its key or address it was not set up
                self._providers[kind] = (
                    openai_provider(self._settings)
                    if kind == "openai"
                    else find_provider(kind, self._environ)
                )
        return self._providers[kind]

    def _upstream(
        self, provider: Provider, upstreams: dict[str, Upstream] | None = None
    ) -> Upstream:
        known = self._upstreams if upstreams is None else upstreams
        address = f"{provider.name} {provider.url}"
        if address not in known:
            known[address] = Upstream(provider, self._settings)
        return known[address]

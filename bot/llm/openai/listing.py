"""What a provider offers, asked with the settings of this machine."""

import asyncio
from collections.abc import Mapping

from bot.config.settings import Settings
from bot.domain.errors import ModelError
from bot.llm.openai.client import OpenAIEndpoint
from bot.llm.openai.context_windows import ListedModel, list_models
from bot.llm.providers.finding import find_provider, openai_provider
from bot.llm.providers.provider import Provider

PATIENCE = 10.0  # seconds for a list


async def list_of_provider(
    kind: str, settings: Settings, environ: Mapping[str, str]
) -> dict[str, ListedModel]:
    """Its models by their names. Raises SettingsError, ModelError."""
    provider = _find(kind, settings, environ)
    endpoint = OpenAIEndpoint(provider.name, provider, read_timeout=PATIENCE)
    try:
        with endpoint.mapped_errors():
            async with asyncio.timeout(PATIENCE):
                return await list_models(endpoint.get)
    finally:
        await endpoint.client.close()


def _find(kind: str, settings: Settings, environ: Mapping[str, str]) -> Provider:
    if kind == "openai":
        return openai_provider(settings)
    provider = find_provider(kind, environ)
    if provider is None:  # its address was there a moment ago
        raise ModelError(model=kind, reason="it has no address")
    return provider

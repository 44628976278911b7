"""Whether the model at a server can see, as each kind of server says it."""

from contextlib import suppress
from typing import Any

from bot.llm.openai.client import OpenAIEndpoint
from bot.llm.openai.context_windows import list_of


async def can_see(endpoint: OpenAIEndpoint, model: str, *, is_local: bool) -> bool | None:
    """None where the server does not say: its refusal will. May raise what `get` raises."""
    if is_local:
        for find in (_in_llama_cpp, _in_ollama, _in_lm_studio):
            with suppress(Exception):  # it is another kind of server
                found = await find(endpoint, model)
                if found is not None:
                    return found
    for one in list_of(await endpoint.get("models"), "data"):
        if one.get("id") in (model, f"models/{model}"):
            return _listed(one)
    return None


async def _in_llama_cpp(endpoint: OpenAIEndpoint, model: str) -> bool | None:
    modalities = (await endpoint.get("../props")).get("modalities")
    return bool(modalities.get("vision")) if isinstance(modalities, dict) else None


async def _in_ollama(endpoint: OpenAIEndpoint, model: str) -> bool | None:
    url = str(endpoint.url.join("../api/show"))
    shown: Any = await endpoint.client.post(url, body={"model": model}, cast_to=object)
    capabilities = shown.get("capabilities")
    return "vision" in capabilities if isinstance(capabilities, list) else None


async def _in_lm_studio(endpoint: OpenAIEndpoint, model: str) -> bool | None:
    for one in list_of(await endpoint.get("../api/v0/models"), "data"):
        if one.get("id") == model and isinstance(kind := one.get("type"), str):
            return kind == "vlm"
    return None


def _listed(one: dict[str, Any]) -> bool | None:
    """OpenRouter lists what goes in, Mistral what its models are capable of."""
    architecture, capabilities = one.get("architecture"), one.get("capabilities")
    inputs = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    if isinstance(inputs, list):
        return "image" in inputs
    seen = capabilities.get("vision") if isinstance(capabilities, dict) else None
    return seen if isinstance(seen, bool) else None

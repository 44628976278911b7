"""Who serves a model: the name before the slash, with its address, its key and its dialect.

What a machine has set for other programs works here too (bot.llm.providers.known).
NELLIE_PROVIDER_<NAME>_URL, _KEY and _HEADERS go before them, and make a provider of any other name.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

import httpx2
from pydantic import SecretStr

from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.llm.providers.addresses import parse_url
from bot.llm.providers.known import KNOWN, KnownProvider, variables_prefix
from bot.llm.providers.provider import Provider

_EVERY_ADDRESS = ".".join("0000")


def find_provider(
    name: str, environ: Mapping[str, str], known_ones: Mapping[str, KnownProvider] = KNOWN
) -> Provider | None:
    """The provider of that name; None where nobody knows it. Raises SettingsError."""
    own, known = variables_prefix(name), known_ones.get(name)
    if known is None and not environ.get(f"{own}_URL"):
        if environ.get(f"{own}_KEY") or environ.get(f"{own}_HEADERS"):
            reason = f"the provider {name} needs its address too: set {own}_URL"
            raise SettingsError(name=f"{own}_KEY", reason=reason)
        return None
    return _read(name, known or KnownProvider(url="", is_hosted=False), environ)


def _read(name: str, known: KnownProvider, environ: Mapping[str, str]) -> Provider:
    own = variables_prefix(name)
    url_variable, address = _first(environ, (f"{own}_URL", *known.urls))
    key_variable, key = _first(environ, (f"{own}_KEY", *known.keys))
    if known.is_hosted and not key and not address and name != "openai":
        raise SettingsError(name=known.keys[0], reason=f"{name}/<name> needs it")
    url = parse_url(
        url_variable or f"{own}_URL",
        _with_scheme(address, known) if address else _fill_in(name, known, environ),
    )
    provider = Provider(
        name=name,
        url=with_version(url, known),
        key=SecretStr(key) if key else None,
        headers=_parse_headers(f"{own}_HEADERS", environ.get(f"{own}_HEADERS", "")),
        limit_name=known.limit_name,
        prefill=known.prefill,
        key_header=known.key_header,
        is_local=not known.is_hosted,
        url_variable=url_variable or next(iter(known.urls), f"{own}_URL"),
        key_variable=key_variable or next(iter(known.keys), f"{own}_KEY"),
    )
    return _other_server(provider) if name == "openai" and not provider.is_openai else provider


def openai_provider(settings: Settings) -> Provider:
    """OpenAI itself, or the server at OPENAI_BASE_URL. Raises SettingsError."""
    key = settings.openai_api_key
    environ = {
        "OPENAI_BASE_URL": settings.openai_base_url or "",
        "OPENAI_API_KEY": key.get_secret_value() if key else "",
    }
    provider = _read("openai", KNOWN["openai"], environ)
    if not provider.key and provider.is_openai:
        reason = "openai/<name> needs it, or else OPENAI_BASE_URL"
        raise SettingsError(name="OPENAI_API_KEY", reason=reason)
    return provider


def at_azure(provider: Provider, model: str, environ: Mapping[str, str]) -> Provider:
    """Azure with an api-version: every deployment has an address of its own there."""
    names = ("AZURE_OPENAI_API_VERSION", "AZURE_API_VERSION", "OPENAI_API_VERSION")
    _, version = _first(environ, names)
    base = str(provider.url).removesuffix("openai/v1/")
    if provider.name != "azure" or not version or base == str(provider.url):
        return provider
    deployment = quote(model, safe="")  # one part of the address, whatever it is called
    path = f"{httpx2.URL(base).path}openai/deployments/{deployment}/?api-version={quote(version)}"
    return replace(provider, url=provider.url.copy_with(raw_path=path.encode()))


def _other_server(provider: Provider) -> Provider:
    """A server that speaks OpenAI's protocol, at OPENAI_BASE_URL."""
    at_azure = f".{provider.url.host}".endswith((".openai.azure.com", ".services.ai.azure.com"))
    return replace(
        provider,
        limit_name="max_tokens",
        is_local=True,
        key_header="api-key" if at_azure else provider.key_header,
    )


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, str]:
    """(variable, value) of the first that is set; a file's counts too."""
    for name in names:
        value = environ.get(name) or ""
        if value:
            return name, value
    return "", ""


def _fill_in(name: str, known: KnownProvider, environ: Mapping[str, str]) -> str:
    address = known.url
    for part, variables in known.parts.items():
        _, value = _first(environ, variables)
        if not value:
            reason = f"{name}/<name> needs it, for its address"
            raise SettingsError(name=variables[0], reason=reason)
        value = value.rstrip("/").removesuffix("/openai/v1").removesuffix("/openai")
        address = address.replace(f"{{{part}}}", value)
    return address.replace("https://global-aiplatform", "https://aiplatform")


def _with_scheme(address: str, known: KnownProvider) -> str:
    """Ollama's variable often holds a host and port alone: those that it listens at."""
    if known.is_hosted or "://" in address:
        return address
    host, colon, port = address.rpartition(":")
    return f"http://{'127.0.0.1' if host == _EVERY_ADDRESS else host}{colon}{port}"


def with_version(url: httpx2.URL, known: KnownProvider) -> httpx2.URL:
    """A local server's address without a path means its /v1."""
    return (
        url.copy_with(path="/v1/") if known.url and not known.is_hosted and url.path == "/" else url
    )


def _parse_headers(variable: str, value: str) -> dict[str, str]:
    """ "Name: value; Name: value", or a JSON object."""
    if not value:
        return {}
    try:
        parts = (
            json.loads(value).items()
            if value.lstrip().startswith("{")
            else (part.split(":", 1) for part in value.split(";") if part.strip())
        )
        headers = {str(name).strip(): str(text).strip() for name, text in parts}
    except (ValueError, AttributeError):
        reason = 'write "Name: value; Name: value", or a JSON object'
        raise SettingsError(name=variable, reason=reason) from None
    return headers

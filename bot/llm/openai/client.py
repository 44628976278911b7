"""A server that speaks OpenAI's API: its address, its key, and its errors as ours."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx2
import openai as sdk

from bot.domain.errors import (
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.model import Prompt
from bot.llm.error_mapping import hide_secrets, make_readable, map_error
from bot.llm.openai.events import ServerError, find_words
from bot.llm.openai.posting import Posting
from bot.llm.openai.transport import AiohttpTransport, ssl_context
from bot.llm.providers.provider import Provider

Answer = TypeVar("Answer")

_STALE_CONNECTION = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)
_CONNECT_TIMEOUT = 5.0
_KEPT = 120.0  # seconds that a connection may rest: a new one costs a question several round trips


class OpenAIEndpoint:
    """One model at one address. `client` asks it; `mapped_errors` names what goes wrong."""

    def __init__(self, name: str, provider: Provider, *, read_timeout: float) -> None:
        self.name = name
        self.provider = provider
        self.url = url = provider.url
        self._key = key = provider.key
        self._read_timeout = read_timeout
        http_client = _open_http_client(url)
        self.client = sdk.AsyncOpenAI(
            http_client=http_client,
            # Servers without keys take any; the SDK insists on one.
            api_key=key.get_secret_value() if key else "none",
            base_url=url.copy_with(query=None),
            default_query=dict(url.params),
            default_headers=_headers(provider),
            timeout=httpx2.Timeout(
                None, connect=_CONNECT_TIMEOUT, read=read_timeout, write=10, pool=5
            ),
            # A request that timed out goes on costing there; what to try next is Fallback's.
            max_retries=0,
        )
        self.posting = Posting(self.client, http_client)
        """For answers that are read as they come."""

    async def get(self, path: str) -> Any:
        """The JSON at a path relative to the address. Raises what the SDK raises."""
        return await self.client.get(str(self.url.join(path)), cast_to=object)

    @contextmanager
    def mapped_errors(self, prompt: Prompt | None = None) -> Iterator[None]:
        """Whatever the block raises, it is a ModelError. `prompt` is what was sent."""
        try:
            yield
        except ModelError:
            raise
        except Exception as error:
            # The original holds the request with its key: it is not chained.
            raise self._map(error, prompt) from None

    def _map(self, error: Exception, prompt: Prompt | None) -> ModelError:
        match error:
            case sdk.APIConnectionError():
                return self._map_connection_error(error.__cause__)
            case httpx2.TransportError():
                return self._map_connection_error(error)
            case sdk.APIError():
                status = getattr(error, "status_code", None)
                reason = self._readable(find_words(error.body) or error.message)
                return map_error(self.name, status, reason, self._hide(repr(error.body)), prompt)
            case ServerError():
                reason = self._readable(str(error))
                return map_error(self.name, error.status, reason, self._hide(error.body), prompt)
            case json.JSONDecodeError() | UnicodeDecodeError() | RecursionError():
                return ModelError(model=self.name, reason="it sent what is no JSON")
            case _:
                reason = self._readable(f"{type(error).__name__}: {error}")
                return ModelError(model=self.name, reason=reason)

    def _map_connection_error(self, error: BaseException | None) -> ModelError:
        match error:
            case httpx2.ConnectError() | httpx2.ConnectTimeout():
                reason = f"no connection to {self.url.host}:{self.url.port or 443}"
                return ModelUnavailable(model=self.name, reason=reason)
            case httpx2.TimeoutException():
                return ModelTimeout(model=self.name, seconds=f"{self._read_timeout:g}")
            case _:
                return IncompleteAnswer(model=self.name)

    def _hide(self, text: str) -> str:
        return hide_secrets(text, [self._key])

    def _readable(self, text: str) -> str:
        return make_readable(text, [self._key])


async def retry_if_stale(request: Callable[[], Awaitable[Answer]]) -> Answer:
    """Once more, when a kept-alive connection turns out to be closed before its first byte."""
    try:
        return await request()
    except sdk.APIConnectionError as error:
        if not isinstance(error.__cause__, _STALE_CONNECTION):
            raise
    return await request()


def _open_http_client(url: httpx2.URL) -> httpx2.AsyncClient:
    """What the SDK sends by, through the proxy of the environment. Raises SettingsError."""
    bypass = bool(proxy_bypass(url.host))
    if not bypass:
        _check_proxies()
    known = sdk.DEFAULT_CONNECTION_LIMITS
    limits = httpx2.Limits(
        max_connections=known.max_connections,
        max_keepalive_connections=known.max_keepalive_connections,
        keepalive_expiry=_KEPT,
    )
    direct = None
    if bypass or not getproxies():
        direct = AiohttpTransport(limits=limits, trust_env=not bypass)
        if url.scheme == "https":
            ssl_context(not bypass)  # now: it would make the first question wait
    return sdk.DefaultAsyncHttpxClient(trust_env=not bypass, limits=limits, transport=direct)


def _check_proxies() -> None:
    """Raises SettingsError, before the library stumbles in the middle of building its client."""
    for scheme, address in getproxies().items():
        is_new = address.startswith(("socks5://", "socks5h://")) and find_spec("socksio")
        if address.startswith("socks") and not is_new:
            reason = "a SOCKS proxy must be socks5://, and needs: pip install socksio"
            raise SettingsError(name=f"{scheme.upper()}_PROXY", reason=reason)


def _headers(provider: Provider) -> dict[str, str]:
    headers = dict(provider.headers)
    if provider.key and provider.key_header:
        headers[provider.key_header] = provider.key.get_secret_value()
    return headers

"""A server of Text Generation Inference: its routes, its events, and its errors as ours."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import httpx2
from pydantic import ValidationError

from bot.config.settings import Settings
from bot.domain.errors import IncompleteAnswer, ModelError, ModelTimeout, ModelUnavailable
from bot.domain.http_proxy import find_proxy
from bot.llm.error_mapping import make_readable, map_error
from bot.llm.kept_connections import open_session, send_again_if_stale
from bot.llm.providers.addresses import parse_url
from bot.llm.tgi.events import is_answer, read_events

# What an error in a stream is: only its type says it, the status was 200 long before.
_STATUS = {
    "validation": 422,
    "template_error": 422,
    "missing_template_variable": 422,
    "tool_error": 422,
    "overloaded": 429,
    "stream_serialization_error": 500,
}
_JSON = ("{", "[{")  # how an event begins that has something to say; "[DONE]" has not
_BROKEN = 424  # the generation failed in the server: whoever asks next is likely to see it too


class TGIConnection:
    """One server. `ask` and `generate` reach it; `mapped_errors` names what goes wrong."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.url = parse_tgi_url(settings.tgi_url or "")
        self.key = settings.tgi_api_key
        self._headers = (
            {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else None
        )
        self._proxy = find_proxy(str(self.url))
        self._session: aiohttp.ClientSession | None = None
        self._read_timeout = settings.read_timeout
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=5, sock_read=settings.read_timeout
        )

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON from one of the plain routes. Raises ModelError, with `status`, for a refusal."""
        async with self._open(method, path, body) as response:
            return await response.json()

    async def generate(
        self, inputs: str, parameters: dict[str, Any]
    ) -> AsyncGenerator[Mapping[str, Any] | None]:
        """The events of an answer; None is a sign of life. Raises ModelError for an error."""
        body = {"inputs": inputs, "parameters": parameters}
        async with self._open("POST", "generate_stream", body) as response:
            async for data in read_events(response.content.iter_any()):
                yield self._read_event(json.loads(data)) if data.startswith(_JSON) else None

    async def close(self) -> None:
        """Close its connections."""
        if self._session:
            await self._session.close()

    @contextmanager
    def mapped_errors(self) -> Iterator[None]:
        """Whatever the block raises, it is a ModelError."""
        try:
            yield
        except ModelError:
            raise
        except Exception as error:
            raise self._map(error) from None

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, body: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        async with await send_again_if_stale(lambda: self._send(method, path, body)) as response:
            await self._check(response)
            yield response

    async def _send(self, method: str, path: str, body: Any) -> aiohttp.ClientResponse:
        if self._session is None:  # once there is an event loop to open it in
            self._session = open_session(headers=self._headers, timeout=self._timeout)
        url = str(join(self.url, path))
        return await self._session.request(method, url, json=body, proxy=self._proxy)

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        """Raises ModelError unless the server says that all is well, in its own protocol."""
        if "html" in response.headers.get("Content-Type", ""):
            raise self._error(response.status, "it answered with a web page")
        if response.status != 200:
            body = await response.text(errors="replace")
            raise self._named_error(_parse(body) or body, response.status)

    def _read_event(self, event: Any) -> Mapping[str, Any] | None:
        """The object of an event; None for one with nothing in it. Raises ModelError."""
        if isinstance(event, list):
            event = event[0] if event else None
        if isinstance(event, dict) and (event.get("error") or (event and not is_answer(event))):
            raise self._named_error(event, None)
        return event if isinstance(event, dict) and event else None

    def _named_error(self, body: Any, status: int | None) -> ModelError:
        """The error that the server names, whichever status it came with."""
        named = body if isinstance(body, dict) else {"error": body}
        kind, said = str(named.get("error_type", "")), named.get("error")
        if isinstance(said, dict):  # as its Chat Completions have it
            status = said.get("http_status_code") or status
            said = said.get("message")
        words = self._readable(str(said or (json.dumps(body) if body else f"HTTP {status}")))
        if kind.startswith("incomplete_generation"):
            return IncompleteAnswer(model=self.name)
        if kind == "generation" or status == _BROKEN:
            return ModelError(model=self.name, reason=words, status=_BROKEN)
        return self._error(status or _STATUS.get(kind), words)

    def _error(self, status: int | None, words: str) -> ModelError:
        return map_error(self.name, status if status != 200 else None, self._readable(words))

    def _map(self, error: Exception) -> ModelError:
        match error:
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                reason = f"no connection to {self.url.host}:{self.url.port or 80}"
                return ModelUnavailable(model=self.name, reason=reason)
            case TimeoutError():
                return ModelTimeout(model=self.name, seconds=f"{self._read_timeout:g}")
            case aiohttp.ContentTypeError() | json.JSONDecodeError() | UnicodeDecodeError():
                return ModelError(model=self.name, reason="it sent what is no JSON")
            case aiohttp.ClientError():
                return IncompleteAnswer(model=self.name)
            case ValidationError() | KeyError() | TypeError() | LookupError():
                return ModelError(model=self.name, reason="it does not speak TGI's protocol")
            case _:
                return self._error(None, f"{type(error).__name__}: {error}")

    def _readable(self, text: str) -> str:
        return make_readable(text, [self.key])


def parse_tgi_url(address: str) -> httpx2.URL:
    """Its root, also where people name its /v1. Raises SettingsError."""
    url = parse_url("NELLIE_TGI_URL", address)
    return url.copy_with(path=url.path.removesuffix("v1/"))


def join(url: httpx2.URL, path: str) -> httpx2.URL:
    """A path below an address, which keeps its query."""
    return url.copy_with(path=f"{url.path}{path}")


def _parse(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None

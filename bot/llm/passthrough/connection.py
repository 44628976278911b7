"""Requests to one provider, as bytes in both directions; what goes wrong on the way has a name.

Not through OpenAI's library: what it builds for every call takes longer than the call itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from io import BytesIO
from typing import Any

import aiohttp

from bot.domain.errors import IncompleteAnswer, ModelError, ModelTimeout, ModelUnavailable
from bot.domain.http_proxy import find_proxy
from bot.llm.kept_connections import open_session, send_again_if_stale
from bot.llm.passthrough.refusals import Refusals
from bot.llm.providers.provider import Provider

CONNECT_TIMEOUT = 5.0
LINGERING = 0.1  # seconds for what comes behind an answer's end, so that its connection is kept
ASKING = aiohttp.ClientTimeout(total=10)  # for what a provider offers
LARGE = 2**20  # bytes of a request that are not written in one go
LARGEST_ANSWER = 256 * 2**20  # bytes of an answer that is not streamed


class Connection:
    """One provider at one address."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.refusals = Refusals(provider)
        self._headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # the first bytes of a stream shall not wait for more
            "User-Agent": "nellie",
            **_key_headers(provider),
        }
        self._addresses: dict[str, str] = {}
        """By path: putting an address together is two in a hundred parts of a call's work."""
        self._session: aiohttp.ClientSession | None = None
        self._ending = set[asyncio.Task[None]]()

    async def post(self, path: str, payload: bytes, *, silence: float) -> aiohttp.ClientResponse:
        """The answer to a request, its body still to be read; whoever asks gives it back.

        Raises ApiError for a refusal, in the server's own words, and ModelError.
        """
        response = await send_again_if_stale(lambda: self._send(path, payload, silence))
        if response.status == 200:
            return response
        try:
            raise self.refusals.read(response.status, response.headers, await read(response))
        finally:
            response.close()

    async def get(self, path: str) -> Any:
        """The JSON at a path relative to the address. Raises whatever goes wrong."""
        url = str(self.provider.url.join(path))
        async with self._open().get(url, proxy=self._proxy, timeout=ASKING) as response:
            response.raise_for_status()
            return await response.json(content_type=None)

    def give_back(self, response: aiohttp.ClientResponse) -> None:
        """An answer was read to its end: keep its connection, if nothing more comes."""
        if response.content.at_eof():
            response.release()
            return
        task = asyncio.create_task(_drain(response))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    @contextmanager
    def mapped_errors(self, model: str, silence: float) -> Iterator[None]:
        """Whatever the way there and back raises is a ModelError."""
        try:
            yield
        except aiohttp.ClientConnectorError:
            url = self.provider.url
            reason = f"no connection to {url.host}:{url.port or 443}"
            raise ModelUnavailable(model=model, reason=reason) from None
        except aiohttp.ConnectionTimeoutError:
            reason = f"{self.provider.url.host} does not take the connection"
            raise ModelUnavailable(model=model, reason=reason) from None
        except TimeoutError:
            raise ModelTimeout(model=model, seconds=f"{silence:g}") from None
        except (aiohttp.ClientError, ConnectionError):
            raise IncompleteAnswer(model=model) from None
        except (ValueError, RecursionError):
            raise ModelError(model=model, reason="it sent what is no JSON") from None

    async def close(self) -> None:
        """Close its connections."""
        for task in list(self._ending):
            task.cancel()
        if self._session:
            await self._session.close()

    async def _send(self, path: str, payload: bytes, silence: float) -> aiohttp.ClientResponse:
        return await self._open().post(
            self._address(path),
            data=BytesIO(payload) if len(payload) > LARGE else payload,
            proxy=self._proxy,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_TIMEOUT, sock_read=silence
            ),
        )

    def _address(self, path: str) -> str:
        if path not in self._addresses:
            url = self.provider.url
            self._addresses[path] = str(url.copy_with(path=f"{url.path}{path}"))
        return self._addresses[path]

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._proxy = find_proxy(str(self.provider.url))
            self._session = open_session(headers=self._headers)
        return self._session


async def read(response: aiohttp.ClientResponse) -> bytes:
    """A whole body. Raises ValueError where it has no end."""
    found, size = list[bytes](), 0
    async for some in response.content.iter_any():
        size += len(some)
        if size > LARGEST_ANSWER:
            raise ValueError("an answer without end")
        found.append(some)
    return b"".join(found)


async def iterate(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    """The bytes of a stream as they come."""
    async for some in response.content.iter_any():
        yield some


async def _drain(response: aiohttp.ClientResponse) -> None:
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(LINGERING), aclosing(iterate(response)) as rest:
            async for _ in rest:
                pass
    response.release()


def _key_headers(provider: Provider) -> dict[str, str]:
    headers = dict(provider.headers)
    if provider.key:
        key = provider.key.get_secret_value()
        headers.setdefault("Authorization", f"Bearer {key}")
        if provider.key_header:
            headers[provider.key_header] = key
    return headers

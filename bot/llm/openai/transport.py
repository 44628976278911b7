"""What OpenAI's library sends its requests by: aiohttp's connections, at half the work of httpx2's.

The library's own bridge to aiohttp (`DefaultAioHttpClient`) names a connection that was closed as
one that could not be made: such a request is not tried again, and the error says what is not so.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from ssl import SSLContext, get_default_verify_paths
from sys import platform

import aiohttp
import httpx2
from yarl import URL

from bot.config.environment import read_environment

_LARGE = 2**20  # bytes of a request that are not written in one go
_LONGEST_FIELD = 2**16  # bytes: what stands before an answer may have long fields behind gateways


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Connections without a proxy. What goes wrong has the names that httpx2 gives it."""

    def __init__(self, *, limits: httpx2.Limits, trust_env: bool) -> None:
        self._limits = limits
        self._trusts_environment = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        timeout, body = request.extensions["timeout"], await request.aread()
        is_secure = request.url.scheme == "https"
        with _named_as_by_httpx2():
            response = await self._open().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers,
                data=BytesIO(body) if len(body) > _LARGE else body or None,
                allow_redirects=False,
                ssl=ssl_context(self._trusts_environment) if is_secure else True,
                timeout=aiohttp.ClientTimeout(
                    sock_connect=timeout["connect"], sock_read=timeout["read"]
                ),
            )
        return httpx2.Response(
            response.status,
            headers=response.raw_headers,
            stream=_Body(response, timeout["read"]),
            extensions={"http_version": b"HTTP/1.1"},
        )

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """Once there is an event loop to open it in."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._limits.max_connections or 0,
                    keepalive_timeout=self._limits.keepalive_expiry,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),  # httpx2's client has them
                auto_decompress=False,  # and reads what is packed
                max_line_size=_LONGEST_FIELD,
                max_field_size=_LONGEST_FIELD,
            )
        return self._session


class _Body(httpx2.AsyncByteStream):
    """The bytes of an answer as they come; closed before their end, the connection is closed."""

    def __init__(self, response: aiohttp.ClientResponse, silence: float | None) -> None:
        self._response = response
        self._silence = silence
        protocol = response.connection.protocol if response.connection else None
        if protocol is not None:  # one with nothing to read is false
            # Ours instead: a connection that aiohttp closes for what is no HTTP ends no reading.
            protocol.read_timeout = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._response.content
        reading = _PatientReading(content, self._silence)
        with _named_as_by_httpx2():
            try:
                while some := await reading.read():
                    yield some
            except aiohttp.ClientError:
                # aiohttp forgets what had come, when the connection breaks before it was read.
                if some := content._read_nowait(-1):
                    yield some
                raise
            finally:
                reading.end()

    async def aclose(self) -> None:
        self._response.release()


class _PatientReading:
    """Reads until nothing comes for so long: by one timer for all, not by one for every piece."""

    def __init__(self, content: aiohttp.StreamReader, silence: float | None) -> None:
        self._content = content
        self._loop = asyncio.get_running_loop()
        self._waits_since: float | None = None
        self._timer = self._loop.call_later(silence, self._look, silence) if silence else None

    async def read(self) -> bytes:
        """What has come; empty at the end. Raises TimeoutError."""
        self._waits_since = self._loop.time()
        some = await self._content.readany()
        self._waits_since = None
        return some

    def end(self) -> None:
        """Nothing more is read."""
        if self._timer:
            self._timer.cancel()

    def _look(self, silence: float) -> None:
        now = self._loop.time()
        until = (self._waits_since or now) + silence
        if until > now:
            self._timer = self._loop.call_at(until, self._look, silence)
        else:
            self._content.set_exception(TimeoutError())


@cache
def ssl_context(trust_env: bool) -> SSLContext | bool:
    """One for all models: each would be 0.8 MB, and 25 ms. True is aiohttp's own.

    That one trusts what OpenSSL comes with. On Linux httpx2 does so too, unless it is told else.
    """
    told = any(read_environment().get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    usual = Path(get_default_verify_paths().openssl_cafile)
    if platform == "linux" and not told and usual.is_file():
        return True
    context = httpx2.create_ssl_context(trust_env=trust_env)
    context.set_alpn_protocols(["http/1.1"])
    return context


@contextmanager
def _named_as_by_httpx2() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _kind_of(error)(str(error)) from error


def _kind_of(error: Exception) -> type[httpx2.TransportError]:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return httpx2.ConnectTimeout
        case TimeoutError():
            return httpx2.ReadTimeout
        case aiohttp.ClientConnectorError():
            return httpx2.ConnectError
        case aiohttp.ClientOSError() | aiohttp.ClientConnectionResetError():
            return httpx2.ReadError
        case _:
            return httpx2.RemoteProtocolError

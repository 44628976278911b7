"""Opening a page of the open web, so that nobody can make Nellie ask her own network for anything.

A name is resolved once. Every address that it has must be public, and exactly one of these is
connected to: the request names it in numbers, so that nothing looks the name up again. A
redirection is a new page, and checked as the first one was.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy
from bot.domain.tool_errors import ToolFailed
from bot.tools.web.addresses import Address
from bot.tools.web.bodies import Body, check_kind, read_body
from bot.tools.web.reach import is_reachable

REDIRECTIONS = 3
REDIRECTING = (301, 302, 303, 307, 308)
WITHIN = 15.0  # seconds, for all of it
CONNECTING = 5.0  # seconds, for each address that is tried
TRIED = 3  # addresses of a name
LONGEST_HEADER = 8_190  # bytes
HEADERS = {
    "User-Agent": "Nellie (reads a page that somebody asked her about)",
    "Accept": "text/html, text/plain, application/json;q=0.9, application/xml;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}
Resolve = Callable[[str], Awaitable[Sequence[str]]]
Taken = TypeVar("Taken")
Take = Callable[[Address, aiohttp.ClientResponse], Awaitable[Taken]]
"""What is made of an answer that holds something."""


async def resolve(host: str) -> list[str]:
    """Every address of a name, as this machine looks it up. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Page:
    """What stood at an address."""

    address: Address
    """Where it was found in the end."""
    kind: str
    charset: str
    body: Body


@dataclass(frozen=True, slots=True)
class _LeadsOn:
    """What is asked for stands elsewhere."""

    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Opens pages. A test brings another look-up of names, and sockets that go elsewhere."""

    resolve: Resolve = resolve
    socket_factory: Callable[[Any], socket.socket] | None = None
    proxy: Callable[[str], str | None] = find_proxy
    ssl: SSLContext | bool = True
    within: float = WITHIN

    async def get(self, address: Address) -> Page:
        """The page at an address. Raises ToolFailed, in a sentence for people."""
        return await self.open(address, _read)

    async def open(self, address: Address, take: Take[Taken]) -> Taken:
        """What `take` makes of what stands at an address. Raises ToolFailed, as `get`."""
        try:
            async with asyncio.timeout(self.within):
                return await self._follow(address, take)
        except TimeoutError:
            raise ToolFailed(reason=f"{address.host} took too long.") from None

    async def _follow(self, address: Address, take: Take[Taken]) -> Taken:
        for _ in range(REDIRECTIONS + 1):
            taken = await self._open(address, take)
            if not isinstance(taken, _LeadsOn):
                return taken
            address = taken.address
        raise ToolFailed(reason="It leads on and on to other addresses.")

    async def _open(self, address: Address, take: Take[Taken]) -> "Taken | _LeadsOn":
        """What is there, or the address to which it leads on."""
        reached = await self._find(address)
        for last, ip in enumerate(reached, 1):
            try:
                return await self._ask(address, ip, take)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                if last == len(reached):
                    raise ToolFailed(reason=f"{address.host} cannot be reached.") from None
            except (aiohttp.ClientError, OSError, ValueError, SettingsError) as error:
                reason = f"{address.host} gave no page ({type(error).__name__})."
                raise ToolFailed(reason=reason) from None
        raise AssertionError("a name has an address")

    async def _find(self, address: Address) -> Sequence[str]:
        """What its host is in numbers, all of it public. Raises ToolFailed."""
        host = address.host
        try:
            found = [host] if address.is_literal else await self.resolve(host)
        except (OSError, UnicodeError):
            raise ToolFailed(reason=f"There is no site called {host}.") from None
        if not found:
            raise ToolFailed(reason=f"There is no site called {host}.")
        if not all(map(is_reachable, found)):
            raise ToolFailed(reason=f"{host} is not on the open web, so it is not opened.")
        return found[:TRIED]

    async def _ask(self, address: Address, ip: str, take: Take[Taken]) -> "Taken | _LeadsOn":
        connector = aiohttp.TCPConnector(
            force_close=True, socket_factory=self.socket_factory, happy_eyeballs_delay=None
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECTING),
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            ) as session,
            session.get(
                _in_numbers(address, ip),
                headers={**HEADERS, "Host": address.netloc},
                allow_redirects=False,
                server_hostname=address.host if address.scheme == "https" else None,
                ssl=self.ssl,
                proxy=self.proxy(str(address)),
            ) as response,
        ):
            if response.status in REDIRECTING and "Location" in response.headers:
                return _LeadsOn(address.join(response.headers["Location"]))
            if not 200 <= response.status < 300:
                reason = f"{address.host} answers {response.status} for this address."
                raise ToolFailed(reason=reason)
            return await take(address, response)


def _in_numbers(address: Address, ip: str) -> URL:
    host = f"[{ip}]" if ":" in ip else ip
    return URL(f"{address.scheme}://{host}:{address.port}{address.path}", encoded=True)


async def _read(address: Address, response: aiohttp.ClientResponse) -> Page:
    kind, charset = check_kind(response.headers)
    return Page(address, kind, charset, await read_body(response.content, response.headers))

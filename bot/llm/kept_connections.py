"""Connections of aiohttp's to models' servers, which are kept between requests."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

KEPT = 60.0  # seconds that a connection may rest between two requests
_STALE = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)

Send = Callable[[], Awaitable[aiohttp.ClientResponse]]


def open_session(**options: Any) -> aiohttp.ClientSession:
    """As many connections as are asked for, and no cookies. `options` are ClientSession's."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), **options
    )


async def send_again_if_stale(send: Send) -> aiohttp.ClientResponse:
    """Once more, when a connection that was kept turns out to be closed before its first byte."""
    try:
        return await send()
    except _STALE as error:
        if isinstance(error, aiohttp.ClientConnectorError):
            raise
    return await send()

"""A connection to one server, until it ends."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation

from bot.tools.mcp.file import ServerEntry
from bot.tools.mcp.guard import Flooded, Guard, Streams
from bot.tools.mcp.stdio import MOST_BYTES, started

QUIET = 300.0  # seconds without a byte on a stream of events
WITHIN = 30.0  # seconds for everything else


def to_client(entry: ServerEntry, guard: Guard, last_words: bytearray) -> Client:
    """A client that is not connected yet: enter it, once."""
    transport = started(entry, last_words) if entry.command else _remote(entry)
    return Client(
        guard.around(transport),
        read_timeout_seconds=WITHIN,
        client_info=Implementation(name="nellie", version=version("nellie")),
        cache=None,
    )


@asynccontextmanager
async def _remote(entry: ServerEntry) -> AsyncGenerator[Streams]:
    """By streamable HTTP. The library follows no redirect to another host."""
    http = httpx2.AsyncClient(
        headers={**entry.headers, "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(WITHIN, read=QUIET),
        event_hooks={"response": [_bound]},
    )
    async with (
        http,
        streamable_http_client(
            entry.url,
            http_client=http,
            terminate_on_close=False,  # else who hangs there holds up the end
            max_sse_event_size=MOST_BYTES,
        ) as streams,
    ):
        yield streams


async def _bound(response: httpx2.Response) -> None:
    """Bound a body that is no stream of events, which is bounded by event.

    Nothing that is packed is taken: a few bytes could be a thousand times as many.
    """
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise Flooded("it packs what it sends, though it was asked not to")
    stream, kind = response.stream, response.headers.get("content-type", "").lower()
    if not kind.startswith("text/event-stream") and isinstance(stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(stream)


class _Bounded(httpx2.AsyncByteStream):
    """A body that may not be longer than a message may be."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise Flooded(f"it sent a message over {MOST_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()

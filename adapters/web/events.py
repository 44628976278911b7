"""Events for a browser that looks on (Server-Sent Events): written as fast as it reads them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from aiohttp import web

from adapters.web.headers import KEEP_NOTHING

AGAIN = 2_000  # milliseconds until a browser comes back whose events broke off
HEARTBEAT = 15.0  # seconds without an event, after which a comment keeps proxies from cutting
PATIENCE = 20.0  # seconds that a browser may take to read what it was sent

Event = tuple[str, str]
"""Its name, and HTML."""


async def send_events(
    request: web.Request, events: "AsyncIterator[Event | None]"
) -> web.StreamResponse:
    """Until they end, or the browser is gone or reads nothing. None is a heartbeat."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": KEEP_NOTHING,
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(request)
    await _write(response, f"retry: {AGAIN}\n\n")
    async with aclosing(events) as given:  # type: ignore[type-var]
        async for event in given:
            await _write(response, ":\n\n" if event is None else _format(*event))
    return response


def _format(name: str, html: str) -> str:
    lines = html.replace("\r", "\n").split("\n")
    return "\n".join((f"event: {name}", *(f"data: {line}" for line in lines), "", ""))


async def _write(response: web.StreamResponse, text: str) -> None:
    """Raises ConnectionError for who does not read."""
    try:
        async with asyncio.timeout(PATIENCE):
            await response.write(text.encode("utf-8", "replace"))
    except TimeoutError:
        raise ConnectionError("it reads nothing") from None

"""How the stand-ins for model servers answer a request: told beforehand, well or badly."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web

Ending = Literal["done", "cut", "stall", "garbage", "unfinished", "error"]


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """How one request is answered. A `status` other than 200 or a `page` comes without a stream."""

    text: str = "Hello from the double."
    echo: bool = False
    """Answer with the last message instead."""
    ending: Ending = "done"
    """What happens after the text; without one, "cut" and "unfinished" come before anything."""
    finish: str = "stop"
    delay: float = 0
    """Seconds before the first byte, and before each piece after it."""
    keepalives: int = 0
    """Comments before the text, a tenth of a second apart."""
    usage: bool = True
    cached: int | None = None
    deltas: tuple[dict[str, str], ...] = ()
    """Sent before the text: reasoning, a refusal."""
    status: int = 200
    error: str = ""
    """The server's words, in the shape of its errors."""
    error_type: str = ""
    """The kind of an error within TGI's stream, where it is another than a failed generation."""
    page: str = ""
    """A web page, as a proxy in between would send."""


EMPTY = CannedResponse(text="")
OVERLOADED = CannedResponse(status=429, error="Rate limit reached, try again later")
HTML = CannedResponse(status=502, page="<html><title>502</title><h1>Bad Gateway</h1></html>")


@dataclass(slots=True)
class ReceivedRequest:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    at: float
    """time.perf_counter() at its first byte."""
    body: dict[str, Any] = field(default_factory=dict)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the caller hung up before the end."""


@dataclass(slots=True)
class EventStream:
    """A stream of server-sent events, which notes what it carried."""

    request: web.Request
    response: web.StreamResponse
    path: str
    sent: list[tuple[str, Any]]

    @classmethod
    async def open(cls, request: web.Request, path: str, sent: list[tuple[str, Any]]) -> Self:
        """Begin to answer a request; events are added to `sent` with its path."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        return cls(request, response, path, sent)

    async def send(self, event: dict[str, Any]) -> None:
        """Send an event, and note it."""
        self.sent.append((self.path, event))
        await self.send_raw(b"data: " + json.dumps(event).encode() + b"\n\n")

    async def send_raw(self, line: bytes) -> None:
        """Send this as it is."""
        await self.response.write(line)

    async def keep_alive(self, times: int) -> None:
        """Send comments, a tenth of a second apart."""
        for _ in range(times):
            await asyncio.sleep(0.1)
            await self.send_raw(b":\n\n")

    async def close(self) -> web.StreamResponse:
        """End the response well."""
        await self.response.write_eof()
        return self.response


def abort(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Cut the socket."""
    if request.transport:
        request.transport.abort()
    return response or web.Response()


def pieces(text: str) -> list[str]:
    """The text in pieces that join to it again, about a token each."""
    return re.findall(r"\s*\S{1,6}|\s+", text)

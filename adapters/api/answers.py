"""ApiAnswer -> a response: a body, or server-sent events for as long as somebody reads them.

A caller who reads nothing for a minute is cut off: what it holds back would hold its model too.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from adapters.api.errors import error_body
from bot.domain.api import ApiAnswer, ApiError, Written

PING = 15.0  # seconds of silence, after which a comment keeps proxies from closing
STUCK = 60.0  # seconds that one piece may take to go out
WHOLE = 300.0  # seconds that a body may take
DONE = b"data: [DONE]\n\n"
_STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",  # nginx would hold the events back
}

Frame = Callable[[Written], bytes]
"""How an event is written."""


def frame_chunk(event: Written) -> bytes:
    """An event of Chat Completions."""
    return b"data: %b\n\n" % write(event)


def frame_response_event(event: Written) -> bytes:
    """An event of Responses, which has a name."""
    body = json.loads(event) if isinstance(event, bytes) else event
    name = str(body.get("type", "message"))
    plain = "".join(letter for letter in name if letter.isalnum() or letter in "._-")
    return b"event: %b\ndata: %b\n\n" % (plain.encode("ascii", "ignore"), write(event))


def write(written: Written) -> bytes:
    """JSON, on one line."""
    if isinstance(written, bytes):
        return written
    return json.dumps(written, separators=(",", ":")).encode()


async def send(request: web.Request, answer: ApiAnswer, frame: Frame) -> web.StreamResponse:
    """Send an answer, whole or as it comes."""
    if answer.events is not None:
        return await _stream(request, answer, answer.events, frame)
    response = web.Response(
        body=write(answer.body or {}), content_type="application/json", headers=answer.headers
    )
    try:
        async with asyncio.timeout(WHOLE):
            await response.prepare(request)
            await response.write_eof()
    except TimeoutError:
        _cut_off(request)
    return response


async def _stream(
    request: web.Request, answer: ApiAnswer, events: AsyncIterator[Written], frame: Frame
) -> web.StreamResponse:
    response = web.StreamResponse(headers={**answer.headers, **_STREAM_HEADERS})
    try:
        await response.prepare(request)
        async with _watched(request, response) as outgoing:
            try:
                async for event in events:
                    await outgoing.send(frame(event))
            except ApiError as error:
                if not error.told:
                    await outgoing.send(_frame_error(error, frame))
            else:
                await outgoing.send(DONE)
            await response.write_eof()
    finally:
        if close := getattr(events, "aclose", None):
            await close()
    return response


def _frame_error(error: ApiError, frame: Frame) -> bytes:
    """An error after the first byte: the SDKs raise what has an `error`."""
    body = error_body(error)
    if frame is frame_response_event:
        return frame({"type": "error", **body["error"], **body})
    return frame(body)


class Outgoing:
    """The bytes of one stream on their way out, and since when they are held up."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response
        self._now = asyncio.get_running_loop().time
        self.last = self._now()
        self.is_sending = False

    async def send(self, some: bytes) -> None:
        """Return once there is room for more."""
        self.last = self._now()
        self.is_sending = True
        await self._response.write(some)
        self.is_sending = False

    async def watch(self, cut_off: Callable[[], None]) -> None:
        """Ping in silences; cut off who reads nothing."""
        while True:
            wait = self.last + (STUCK if self.is_sending else PING) - self._now()
            if wait > 0:
                await asyncio.sleep(wait)
            elif self.is_sending:
                cut_off()
                return
            else:
                self.last = self._now()
                try:
                    await asyncio.wait_for(self._response.write(b": ping\n\n"), STUCK)
                except TimeoutError:
                    cut_off()
                    return


@asynccontextmanager
async def _watched(request: web.Request, response: web.StreamResponse) -> AsyncIterator[Outgoing]:
    outgoing = Outgoing(response)
    watching = asyncio.create_task(outgoing.watch(lambda: _cut_off(request)))
    try:
        yield outgoing
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await watching


def _cut_off(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()

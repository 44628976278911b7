"""Responses over a WebSocket: one after another, each led on from the one before it if wanted.

What a connection may go on with is kept in its own memory, for as long as it is open.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from adapters.api.answers import STUCK, write
from adapters.api.errors import error_body
from adapters.api.json_bodies import parse_object
from adapters.api.requests import LARGEST, identify, refuse_key_in_address
from bot.domain.api import ApiError, Gateway, Written, read_body

LONGEST = 3600.0  # seconds that a connection may last
WAITING = 16  # requests that may wait for the one before them
BEAT = 30.0  # seconds between two pings
KEPT = 4 * 2**20  # characters of a request that can be gone on with
_ENDS = ("response.completed", "response.incomplete")
_WRONG = (
    'Send a JSON object with "type": "response.create" and what POST /v1/responses takes;'
    " what comes back is always streamed."
)


async def serve_websocket(gateway: Gateway, request: web.Request) -> web.StreamResponse:
    """Answer until the other side closes, or an hour is over."""
    refuse_key_in_address(request)
    await identify(gateway, request)
    socket = web.WebSocketResponse(heartbeat=BEAT, max_msg_size=LARGEST)
    await socket.prepare(request)
    asked: asyncio.Queue[str] = asyncio.Queue(WAITING)
    answering = asyncio.create_task(_Talk(gateway, request, socket).answer(asked))
    try:
        async with asyncio.timeout(LONGEST):
            await _listen(socket, asked)
    except TimeoutError:
        over = ApiError(
            "This connection is an hour old; open another.",
            status=400,
            code="websocket_connection_limit_reached",
        )
        await _send(socket, _enveloped(over))
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        with suppress(ConnectionError, TimeoutError):
            await socket.close()
    return socket


async def _listen(socket: web.WebSocketResponse, asked: "asyncio.Queue[str]") -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            await _send(socket, _enveloped(ApiError(_WRONG, status=400, code="invalid_json")))
        elif asked.full():
            reason = f"{WAITING} requests wait here already."
            busy = ApiError(reason, status=429, type="rate_limit_error", code="too_many_requests")
            await _send(socket, _enveloped(busy))
        else:
            asked.put_nowait(message.data)


class _Talk:
    """What one connection asks."""

    def __init__(
        self, gateway: Gateway, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._gateway = gateway
        self._request = request
        self._socket = socket
        self._former: tuple[str, list[Any]] = ("", [])
        """The last response: its id, and all items up to its end."""

    async def answer(self, asked: "asyncio.Queue[str]") -> None:
        """Each request in its turn."""
        while True:
            text = await asked.get()
            try:
                await self._answer(text)
            except ApiError as error:
                self._former = ("", [])
                if not error.told:
                    await _send(self._socket, _enveloped(error))

    async def _answer(self, text: str) -> None:
        body = self._continued(_parsed(text))
        caller = await identify(self._gateway, self._request)  # keys end while somebody talks
        answer = await self._gateway.responses(caller, body)
        assert answer.events is not None  # noqa: S101  # it was asked for with `stream`
        try:
            await self._tell(answer.events, body, keep=len(text) <= KEPT)
        finally:
            if close := getattr(answer.events, "aclose", None):
                await close()

    async def _tell(
        self, events: AsyncIterator[Written], body: Mapping[str, Any], *, keep: bool
    ) -> None:
        async for event in events:
            read = read_body(event)
            if read.get("type") == "error":
                continue  # here it would end the turn, before the response that says the same
            if keep and read.get("type") in _ENDS:
                self._former = read["response"]["id"], [*body["input"], *read["response"]["output"]]
            await _send(self._socket, event)

    def _continued(self, body: dict[str, Any]) -> dict[str, Any]:
        """A request with what it goes on with; what is not known here, others may know."""
        given = body.get("input") or []
        items = [{"role": "user", "content": given}] if isinstance(given, str) else given
        former, said = self._former
        if former and body.get("previous_response_id") == former and isinstance(items, list):
            items = [*said, *items]
            del body["previous_response_id"]
        return {**body, "input": items, "stream": True}


def _parsed(text: str) -> dict[str, Any]:
    body = parse_object(text.encode("utf-8", "replace"))
    if body.pop("type", "") != "response.create":
        raise ApiError(_WRONG, status=400, code="invalid_json")
    return body


def _enveloped(error: ApiError) -> dict[str, Any]:
    body = error_body(error)
    code = error.code or error.type
    return {"type": "error", "status": error.status, "error": {**body["error"], "code": code}}


async def _send(socket: web.WebSocketResponse, event: Written) -> None:
    """Raises TimeoutError for who reads nothing for a minute."""
    async with asyncio.timeout(STUCK):
        await socket.send_str(write(event).decode())

"""Socket Mode: sockets that are opened with a ticket, and envelopes that each go to one of them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web
from doubles.slack_server.delivery import Envelope
from doubles.slack_server.shapes import APP, Json, Refused, new_id

MOST = 10


class Sockets:
    """The app's sockets."""

    def __init__(self, ack_within: float, touch: Callable[[], None]):
        self.ack_within = ack_within
        self.open: list[web.WebSocketResponse] = []
        """Those that get envelopes."""
        self.opened = 0
        """How many there have been."""
        self.unknown: list[Any] = []
        """What the app sent that acknowledges nothing."""
        self.url = ""
        self._all: set[web.WebSocketResponse] = set()
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = 0
        self._touch = touch
        self._closing: set[asyncio.Task[None]] = set()

    def ticket(self) -> str:
        """An address at which one socket can be opened, once. Raises Refused."""
        if len(self.open) >= MOST:
            raise Refused("too_many_websockets")
        ticket = new_id("ticket")
        self._tickets.add(ticket)
        return f"{self.url}/link/?ticket={ticket}&app_id={APP}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.opened += 1
        self._all.add(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open) + 1,
                "connection_info": {"app_id": APP},
                "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
            }
        )
        self.open.append(socket)
        self._touch()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._on_message(message.data)
        finally:
            self._drop(socket)
            self._all.discard(socket)
        return socket

    async def send(self, envelope: Envelope, attempt: int, reason: str) -> str:
        if not self.open:
            return "connection_failed"
        self._turn += 1
        socket = self.open[self._turn % len(self.open)]
        shape: Json = {
            "envelope_id": envelope.id,
            "type": envelope.kind,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.kind != "events_api",
        }
        if envelope.kind == "events_api":
            shape |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting = self._waiting[envelope.id] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json(shape)
            async with asyncio.timeout(self.ack_within):
                envelope.answer = await waiting
        except TimeoutError:
            return "timeout"
        except (ConnectionError, RuntimeError):
            return "connection_failed"
        finally:
            del self._waiting[envelope.id]
        return ""

    async def disconnect(
        self, reason: str = "refresh_requested", *, grace: float = 0, only: int | None = None
    ) -> None:
        """Tell the sockets (or one of them) to go, and close them after so many seconds."""
        for socket in self.open[:] if only is None else self.open[only : only + 1]:
            self._drop(socket)
            try:
                await socket.send_json(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
                )
            except ConnectionError:
                continue
            task = asyncio.create_task(_close(socket, grace))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def break_all(self) -> None:
        """Every connection is gone, without a word."""
        for socket in list(self._all):
            self._drop(socket)
            request = socket._req  # aiohttp has no door to its transport
            if request is not None and request.transport is not None:
                request.transport.abort()

    async def close(self) -> None:
        for task in self._closing:
            task.cancel()
        for socket in list(self._all):
            await _close(socket, 0)

    def _drop(self, socket: web.WebSocketResponse) -> None:
        if socket in self.open:
            self.open.remove(socket)
            self._touch()

    def _on_message(self, data: str) -> None:
        fields = json.loads(data)
        waiting = self._waiting.get(fields.get("envelope_id", ""))
        if waiting is None or waiting.done():
            self.unknown.append(fields)
        else:
            waiting.set_result(fields.get("payload"))


async def _close(socket: web.WebSocketResponse, grace: float) -> None:
    if grace:
        await asyncio.sleep(grace)
    await socket.close()

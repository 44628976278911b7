"""The gateway: events go out in order, missed ones are replayed on resume, and it can misbehave."""

import asyncio
import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from doubles.discord_server.guild import JSON

CONTENT = 1 << 15  # the intent to read what is said
DISPATCH, BEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
BAD_TOKEN, BAD_INTENTS, UNKNOWN_ERROR = 4004, 4014, 4000


class GatewayConnection:
    """One connection. What is sent goes out by itself, in order."""

    def __init__(
        self, socket: web.WebSocketResponse, free: asyncio.Event, *, compressed: bool
    ) -> None:
        self.socket = socket
        self._free = free
        self._deflate = zlib.compressobj() if compressed else None
        self._waiting: asyncio.Queue[str | int | None] = asyncio.Queue()

    @property
    def open(self) -> bool:
        return not self.socket.closed

    def send(self, op: int, data: Any = None, **more: Any) -> None:
        self.raw(json.dumps({"op": op, "d": data, "s": None, "t": None, **more}))

    def raw(self, text: str) -> None:
        """Anything at all."""
        self._waiting.put_nowait(text)

    def close(self, code: int) -> None:
        """Close it, behind all that was sent."""
        self._waiting.put_nowait(code)

    def cut(self) -> None:
        """Cut it, without a word."""
        self._waiting.put_nowait(None)

    async def pump(self, transport: asyncio.Transport | None) -> None:
        while isinstance(item := await self._waiting.get(), str):
            await self._free.wait()
            try:
                await self._write(item.encode())
            except ConnectionError:
                return
        if item is None and transport:
            transport.abort()
        elif item is not None:
            await self.socket.close(code=item)

    async def _write(self, raw: bytes) -> None:
        if self._deflate:
            packed = self._deflate.compress(raw) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(packed)
        else:
            await self.socket.send_str(raw.decode())


@dataclass(eq=False, slots=True)
class Session:
    """What survives a connection: the events and their numbers."""

    intents: int
    connection: GatewayConnection
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    sent: list[JSON] = field(default_factory=list)

    def dispatch(self, name: str, data: Any) -> None:
        event = {"op": DISPATCH, "t": name, "s": len(self.sent) + 1, "d": data}
        self.sent.append(event)
        if self.connection.open:
            self.connection.raw(json.dumps(event))

    def resume(self, connection: GatewayConnection, seq: int) -> None:
        self.connection = connection
        for event in self.sent[seq:]:
            connection.raw(json.dumps(event))
        self.dispatch("RESUMED", {"_trace": []})


class Gateway:
    """All connections. Faults that are set stay until they are taken back."""

    def __init__(self, token: str, welcome: Callable[[], list[tuple[str, JSON]]]) -> None:
        self.token = token
        self.url = ""
        self.sessions: list[Session] = []
        self.identified = 0
        self.resumed = 0
        self.compressed = False
        """Send what discord.py asks for: zlib; else plain text, which it takes too."""
        self.interval = 41.25
        """Seconds between heartbeats."""
        self.withheld_intents = 0
        """Privileged intents that are off in the portal: to ask for them is code 4014."""
        self.deaf = False
        """Heartbeats are not acknowledged."""
        self.free = asyncio.Event()
        """While it is clear, nothing goes out: events are late."""
        self.free.set()
        self._welcome = welcome
        self._connections: set[GatewayConnection] = set()
        self._ended: list[Session] = []

    def emit(self, name: str, data: JSON, *, plain: JSON | None = None) -> None:
        """An event to every session; `plain` to those that may not read what is said."""
        for session in self.sessions:
            reads = session.intents & CONTENT or plain is None
            session.dispatch(name, data if reads else plain)

    def drop(self) -> None:
        """Cut all connections: they can be resumed."""
        for connection in self._connections:
            connection.cut()

    def close(self, code: int = UNKNOWN_ERROR) -> None:
        """Close all connections with a code."""
        for connection in self._connections:
            connection.close(code)

    def reconnect(self) -> None:
        """Op 7: come again and resume."""
        for connection in self._connections:
            connection.send(RECONNECT)

    def invalidate(self) -> None:
        """Op 9: the sessions are gone, and what happens until the next IDENTIFY with them."""
        self.sessions.clear()
        for connection in self._connections:
            connection.send(INVALID, False)

    def forget(self) -> None:
        """The sessions are gone, and so are the connections: to resume is refused."""
        self.sessions.clear()
        self.drop()

    def replay(self, count: int = 1) -> None:
        """Send the last events once more."""
        for session in self.sessions:
            for event in session.sent[-count:]:
                session.connection.raw(json.dumps(event))

    def prune(self) -> None:
        """Let go of the sessions that had ended at the last call: they can be resumed no more."""
        self.sessions = [
            one for one in self.sessions if one.connection.open or one not in self._ended
        ]
        self._ended = [one for one in self.sessions if not one.connection.open]

    def raw(self, text: str) -> None:
        """Send anything at all, as it is."""
        for connection in self._connections:
            connection.raw(text)

    @property
    def connected(self) -> bool:
        """Somebody listens."""
        return any(session.connection.open for session in self.sessions)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        packed = self.compressed and request.query.get("compress") == "zlib-stream"
        connection = GatewayConnection(socket, self.free, compressed=packed)
        self._connections.add(connection)
        pumping = asyncio.create_task(connection.pump(request.transport))
        connection.send(HELLO, {"heartbeat_interval": int(self.interval * 1000)})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(connection, json.loads(message.data))
        finally:
            self._connections.discard(connection)
            pumping.cancel()
        return socket

    async def stop(self) -> None:
        for connection in list(self._connections):
            await connection.socket.close()

    def _hear(self, connection: GatewayConnection, said: JSON) -> None:
        match said["op"]:
            case 1 if not self.deaf:
                connection.send(ACK)
            case 2:
                self._identify(connection, said["d"])
            case 6:
                self._resume(connection, said["d"])

    def _identify(self, connection: GatewayConnection, asked: JSON) -> None:
        self.identified += 1
        if asked["token"] != self.token:
            connection.close(BAD_TOKEN)
        elif asked["intents"] & self.withheld_intents:
            connection.close(BAD_INTENTS)
        else:
            session = Session(asked["intents"], connection)
            (name, ready), *rest = self._welcome()
            urls = {"session_id": session.id, "resume_gateway_url": self.url}
            session.dispatch(name, ready | urls)
            for name, data in rest:
                session.dispatch(name, data)
            self.sessions.append(session)

    def _resume(self, connection: GatewayConnection, asked: JSON) -> None:
        known = next((one for one in self.sessions if one.id == asked["session_id"]), None)
        if known and asked["token"] == self.token:
            self.resumed += 1
            known.resume(connection, asked["seq"])
        else:
            connection.send(INVALID, False)

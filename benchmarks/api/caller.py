"""A client that costs next to nothing: one connection, one call after another."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from benchmarks.api.upstream import Wish

LONGEST = 2**22  # bytes of a line


@dataclass(frozen=True, slots=True)
class Target:
    """Who is called: an endpoint, a key and a model."""

    url: str
    key: str
    model: str


@dataclass(slots=True)
class Answered:
    """One call as its caller saw it; times are time.monotonic()."""

    status: int
    began: float
    ended: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    arrivals: list[float] = field(default_factory=list)
    """Of a stream, when each piece of it came."""

    @property
    def took(self) -> float:
        """Milliseconds to the end."""
        return (self.ended - self.began) * 1_000

    @property
    def first(self) -> float:
        """Milliseconds to the first piece."""
        return (self.arrivals[0] - self.began) * 1_000

    @property
    def longest_gap(self) -> float:
        """Milliseconds between two pieces, at most."""
        pairs = zip(self.arrivals, self.arrivals[1:], strict=False)
        return max((later - earlier for earlier, later in pairs), default=0.0) * 1_000


class Caller:
    """`async with Caller(target) as caller: await caller.chat(Wish())`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        split = urlsplit(target.url)
        self._host, self._port = split.hostname or "", split.port or 80
        self._path = f"{split.path.rstrip('/')}/chat/completions"

    async def __aenter__(self) -> Self:
        opened = await asyncio.open_connection(self._host, self._port, limit=LONGEST)
        self._reader, self._writer = opened
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Go, also in the middle of an answer."""
        self._writer.transport.abort()

    async def chat(self, wish: Wish, *, stream: bool = False, **given: Any) -> Answered:
        """One call, to its end."""
        return await self.read(self.send(wish, stream=stream, **given))

    def send(self, wish: Wish, *, stream: bool = False, **given: Any) -> Answered:
        """Begin a call."""
        messages = [{"role": "user", "content": str(wish)}]
        asked = {"model": self.target.model, "messages": messages, "stream": stream, **given}
        if stream:
            asked["stream_options"] = {"include_usage": True}
        body = json.dumps(asked).encode()
        head = (
            f"POST {self._path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
            f"authorization: Bearer {self.target.key}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        answered = Answered(0, time.monotonic())
        self._writer.write(head.encode() + body)
        return answered

    async def read(self, answered: Answered) -> Answered:
        """The rest of a call."""
        await self._read_head(answered)
        if length := answered.headers.get("content-length"):
            answered.body = await self._reader.readexactly(int(length))
        else:
            await self._read_pieces(answered)
        answered.ended = time.monotonic()
        return answered

    async def first_piece(self, answered: Answered) -> None:
        """Return once a stream has begun to come."""
        await self._read_head(answered)
        await self._reader.readline()

    async def _read_head(self, answered: Answered) -> None:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        answered.status = int(first.split()[1])
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            answered.headers[name.lower()] = value.strip()

    async def _read_pieces(self, answered: Answered) -> None:
        parts: list[bytes] = []
        while size := int(await self._reader.readline(), 16):
            piece = (await self._reader.readexactly(size + 2))[:-2]
            answered.arrivals.append(time.monotonic())
            parts.append(piece)
        await self._reader.readline()
        answered.body = b"".join(parts)

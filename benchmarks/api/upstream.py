"""A model server that answers at once, in a process of its own, and says what reached it.

What it is asked says how it answers: the last message is JSON with the fields of `Wish`.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

MODEL = "instant"
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n"
STREAMED = HEAD.format(kind="text/event-stream", length="transfer-encoding: chunked").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a request is to be answered."""

    delay: float = 0  # seconds before the first byte
    chunks: int = 1
    interval: float = 0  # seconds between two chunks
    tokens: int = 20
    """What it says that the prompt had."""
    salt: str = ""
    """Makes a request equal to no other."""

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Seen:
    """What reached the server since it was last asked."""

    calls: int = 0
    closed: dict[str, float] = field(default_factory=dict)
    """By a request's salt, time.monotonic() when who asked had gone before the end."""


class Upstream:
    """The server, as its parent sees it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port: int = pipe.recv()
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def seen(self) -> Seen:
        """What reached it since this was last called."""
        self._pipe.send("seen")
        found: Seen = self._pipe.recv()
        return found


@contextmanager
def upstream() -> Iterator[Upstream]:
    """One that runs; time.monotonic() is the machine's."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Upstream(ours)
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection) -> None:
    async def listen() -> None:
        loop, seen = asyncio.get_running_loop(), Seen()
        server = await loop.create_server(lambda: _Connection(seen), "127.0.0.1", 0, backlog=1_024)
        parent.send(server.sockets[0].getsockname()[1])

        def tell() -> None:
            parent.recv()
            parent.send(seen)
            seen.calls = 0
            seen.closed.clear()

        loop.add_reader(parent.fileno(), tell)
        await server.serve_forever()

    try:
        asyncio.run(listen())
    except (EOFError, KeyboardInterrupt):
        return


class _Connection(asyncio.Protocol):
    """One connection, and its requests one after another."""

    transport: asyncio.Transport

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._data = b""
        self._answering: asyncio.Task[None] | None = None
        self._salt = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answering and not self._answering.done():
            self._seen.closed[self._salt] = time.monotonic()
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head)
        if len(rest) >= length:
            self._data = rest[length:]
            self._answer(head, rest[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            self.transport.write(_whole({"object": "list", "data": [{"id": MODEL}]}))
            return
        asked = json.loads(body)
        self._seen.calls += 1
        wish = _wish(asked)
        self._salt = wish.salt
        if not (wish.delay or wish.interval):
            self.transport.write(_at_once(asked, wish))
            return
        self._answering = asyncio.create_task(self._slowly(asked, wish))

    async def _slowly(self, asked: dict[str, Any], wish: Wish) -> None:
        await asyncio.sleep(wish.delay)
        if not asked.get("stream"):
            await asyncio.sleep(wish.interval * wish.chunks)
            self.transport.write(_whole(_completion(wish)))
            return
        self.transport.write(STREAMED)
        due = time.monotonic()
        for number in range(wish.chunks):
            self.transport.write(_framed(_event(f"{number} ")))
            due += wish.interval
            await asyncio.sleep(max(0, due - time.monotonic()))
        self.transport.write(_end(asked, wish))


def _length(head: bytes) -> int:
    lower = head.lower()
    if b"content-length:" not in lower:
        return 0
    return int(lower.split(b"content-length:")[1].split(b"\r\n")[0])


def _wish(asked: dict[str, Any]) -> Wish:
    content = asked["messages"][-1]["content"]
    text = content if isinstance(content, str) else content[-1]["text"]
    try:
        return Wish(**json.loads(text))
    except ValueError:
        return Wish()


def _at_once(asked: dict[str, Any], wish: Wish) -> bytes:
    if not asked.get("stream"):
        return _whole(_completion(wish))
    events = b"".join(_framed(_event(f"{number} ")) for number in range(wish.chunks))
    return STREAMED + events + _end(asked, wish)


def _end(asked: dict[str, Any], wish: Wish) -> bytes:
    last = _framed(_event("", finish="stop"))
    if (asked.get("stream_options") or {}).get("include_usage"):
        last += _framed(_sse({**_envelope("chat.completion.chunk"), "choices": [], **_usage(wish)}))
    return last + _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def _whole(body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    head = HEAD.format(kind="application/json", length=f"content-length: {len(content)}")
    return head.encode() + content


def _completion(wish: Wish) -> dict[str, Any]:
    message = {"role": "assistant", "content": "I see."}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_envelope("chat.completion"), "choices": [choice], **_usage(wish)}


def _event(text: str, finish: str | None = None) -> bytes:
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _sse({**_envelope("chat.completion.chunk"), "choices": [choice]})


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": MODEL}


def _usage(wish: Wish) -> dict[str, Any]:
    total = wish.tokens + 3
    return {
        "usage": {
            "prompt_tokens": wish.tokens,
            "completion_tokens": 3,
            "total_tokens": total,
        }
    }


def _sse(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _framed(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"

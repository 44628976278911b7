"""A model server that answers with the moment at which a request's first byte reached it."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
WORDS = 20  # of an answer that takes its time


@dataclass(frozen=True, slots=True)
class TimestampServer:
    """One in a process of its own; time.monotonic() is the machine's."""

    url: str
    _gap: "Synchronized[float]"

    def take(self, seconds: float) -> None:
        """From now on an answer takes so long; 0 is at once."""
        self._gap.value = seconds / WORDS


@contextmanager
def timestamp_server(end: str = "") -> Iterator[TimestampServer]:
    """One; with an `end`, an answer says as well when it ended, and ends with that."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    gap = context.Value("d", 0.0)
    process = context.Process(target=_serve, args=(theirs, gap, end), daemon=True)
    process.start()
    theirs.close()
    try:
        yield TimestampServer(f"http://127.0.0.1:{ours.recv()}/v1", gap)
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection, gap: "Synchronized[float]", end: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while first := await reader.read(1):
            at = time.monotonic()
            head = (first + await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            writer.write(HEAD)
            await _say(writer, str(at), gap.value, end)
            await writer.drain()

    async def listen() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**20)
        parent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


async def _say(writer: asyncio.StreamWriter, at: str, gap: float, end: str) -> None:
    """The whole answer; without a gap, all of it is written in one go."""
    parts = [_chunk(_content(at))]
    for number in range(1, WORDS + 1) if gap else ():
        writer.write(b"".join(parts))
        await asyncio.sleep(gap)
        parts = [_chunk(_content(f" word{number}"))]
    if end:
        parts.append(_chunk(_content(f" {time.monotonic()} {end}")))
    usage = {"prompt_tokens": 8000, "completion_tokens": 8, "total_tokens": 8008}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    parts += [_chunk({"choices": [choice]}), _chunk({"choices": [], "usage": usage})]
    writer.write(b"".join([*parts, _framed(b"data: [DONE]\n\n"), b"0\r\n\r\n"]))


def _content(text: str) -> dict[str, Any]:
    delta = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def _chunk(part: dict[str, Any]) -> bytes:
    event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", **part}
    return _framed(b"data: " + json.dumps(event).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)

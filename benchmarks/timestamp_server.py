"""A model server that answers with the moment at which a request's first byte reached it."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n"


@contextmanager
def timestamp_server() -> Iterator[str]:
    """The address of one, in a process of its own; time.monotonic() is the machine's."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection) -> None:
    async def listen() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0, limit=2**20)
        parent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while first := await reader.read(1):
        at = time.monotonic()
        head = (first + await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        body = b"".join(_events(str(at)))
        writer.write(HEAD % len(body) + body)
        await writer.drain()


def _events(text: str) -> Iterator[bytes]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 8000, "completion_tokens": 8, "total_tokens": 8008}
    for part in ({"choices": [choice]}, {"choices": [], "usage": usage}):
        event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", **part}
        yield b"data: " + json.dumps(event).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"

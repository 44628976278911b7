"""A server that is a program: its messages are lines, of a size that is bounded.

The library's own transport joins what comes until a line ends, however long that takes: a program
that writes one endless line would fill the memory and stop the event loop.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from bot.tools.mcp.file import ServerEntry
from bot.tools.mcp.guard import Flooded, Said, Streams

MOST_BYTES = 4_000_000  # of one message
GRACE = 2.0  # seconds to end by itself, and as long again after SIGTERM
LAST_WORDS = 2_000  # bytes of what it wrote to its error output, for the doctor

Process = asyncio.subprocess.Process


@asynccontextmanager
async def started(entry: ServerEntry, last_words: bytearray) -> AsyncGenerator[Streams]:
    """Start it, in an environment that has nothing of Nellie's but PATH, HOME and the like."""
    process = await asyncio.create_subprocess_exec(
        entry.program,
        *entry.args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**get_default_environment(), **entry.env},
        cwd=entry.cwd,
        start_new_session=True,
        limit=MOST_BYTES,
    )
    heard, read = anyio.create_memory_object_stream[Said](0)
    write, told = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with heard, read, write, told, anyio.create_task_group() as tg:
            if process.stdout and process.stdin and process.stderr:  # they are pipes
                tg.start_soon(_read, process.stdout, heard)
                tg.start_soon(_write, process.stdin, told)
                tg.start_soon(_listen, process.stderr, last_words)
            try:
                yield read, write
            finally:
                tg.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _read(stdout: asyncio.StreamReader, heard: MemoryObjectSendStream[Said]) -> None:
    async with heard:
        while True:
            try:
                line = await stdout.readuntil()
                said = _parsed(line)
            except asyncio.LimitOverrunError:
                said = Flooded(f"it sent a message over {MOST_BYTES:,} bytes")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            await heard.send(said)
            if isinstance(said, Flooded):
                return


def _parsed(line: bytes) -> Said:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _write(
    stdin: asyncio.StreamWriter, told: MemoryObjectReceiveStream[SessionMessage]
) -> None:
    with suppress(ConnectionError):
        async for message in told:
            body = message.message.model_dump(by_alias=True, mode="json", exclude_unset=True)
            stdin.write(json.dumps(body).encode() + b"\n")
            await stdin.drain()


async def _listen(stderr: asyncio.StreamReader, last_words: bytearray) -> None:
    last_words.clear()
    while said := await stderr.read(LAST_WORDS):
        last_words += said
        del last_words[:-LAST_WORDS]


async def _end(process: Process) -> None:
    """Close its input; then end it, with all that it has started."""
    if process.stdin:
        process.stdin.close()
    try:
        for number in (signal.SIGTERM, signal.SIGKILL, None):
            if await _has_ended(process) or number is None:
                break
            _signal(process, number)
    finally:  # also where this is cut short
        _signal(process, signal.SIGKILL)  # what it has left behind
        # Else its pipes stay, where a child has them.
        transport = getattr(process, "_transport", None)
        if transport:
            transport.close()


async def _has_ended(process: Process) -> bool:
    """Not by Process.wait: that waits for the pipes, which a child may have kept."""
    with anyio.move_on_after(GRACE):
        while process.returncode is None:  # noqa: ASYNC110  # a process has no event
            await anyio.sleep(0.01)
    return process.returncode is not None


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)

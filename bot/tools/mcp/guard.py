"""Stands between a server and the library that reads it: bounds what it sends, and mends lists.

The library takes a list of tools whole or not at all: one malformed tool would cost all others.
"""

import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from mcp_types import (
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    ListToolsResult,
)
from mcp_types.methods import validate_server_result
from pydantic import ValidationError

from bot.text.sanitize import clean

MOST_UNASKED = 600  # messages within a minute that nobody has asked for
MOST_ANSWERS = 6_000  # within a minute, whether somebody waits for them or not
MINUTE = 60.0
FRAME = ("resultType", "nextCursor", "ttlMs", "cacheScope")
MOST_TOLD = 50  # malformed tools that are told by name
MOST_LISTED = 500  # tools of one page that are looked at

Said = SessionMessage | Exception
Streams = tuple[ReadStream[Said], WriteStream[SessionMessage]]


class Flooded(Exception):
    """A server sends more than anybody could read."""


@dataclass(slots=True)
class Guard:
    """What one connection lets through."""

    version: Callable[[], str | None]
    """The protocol's version that was agreed on."""
    on_change: Callable[[], None]
    """Called when the server says that its tools are others now."""
    on_end: Callable[[str], None]
    """Called when nothing more can come, with the reason."""
    malformed: dict[str, str] = field(default_factory=dict)
    """Tools that were taken out of lists, by name, and what was wrong with them."""
    _unasked: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_UNASKED))
    _answers: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERS))

    @asynccontextmanager
    async def around(
        self, transport: AbstractAsyncContextManager[Streams]
    ) -> AsyncGenerator[Streams]:
        """The same connection, guarded."""
        async with transport as (read, write), anyio.create_task_group() as tg:
            passed, seen = anyio.create_memory_object_stream[Said](0)
            tg.start_soon(self._pass_on, read, passed)
            try:
                yield seen, write
            finally:
                tg.cancel_scope.cancel()

    async def _pass_on(self, read: ReadStream[Said], passed: MemoryObjectSendStream[Said]) -> None:
        reason = "it ended the connection"
        try:
            async with passed:
                async for said in read:
                    if isinstance(said, Flooded):
                        raise said
                    await passed.send(self._checked(said))
        except Flooded as error:
            reason = str(error)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            reason = "the connection broke"
        self.on_end(reason)

    def _checked(self, said: Said) -> Said:
        if isinstance(said, Exception):
            self._count()
            return said
        message = said.message
        if isinstance(message, JSONRPCNotification | JSONRPCRequest):
            self._count()
            if message.method == "notifications/tools/list_changed":
                self.on_change()
            return said
        self._count_answer()
        if isinstance(message, JSONRPCResponse) and isinstance(message.result.get("tools"), list):
            return SessionMessage(
                message.model_copy(update={"result": self._mended(message.result)}), said.metadata
            )
        return said

    def _count(self) -> None:
        if _is_too_fast(self._unasked):
            raise Flooded(f"it sent over {MOST_UNASKED} messages in a minute that nobody asked for")

    def _count_answer(self) -> None:
        if _is_too_fast(self._answers):
            raise Flooded(f"it sent over {MOST_ANSWERS:,} answers in a minute")

    def _mended(self, result: dict[str, Any]) -> dict[str, Any]:
        if self._is_valid({**result, "tools": []}) is not None:
            return result  # not the tools are what is wrong
        # Not whatever else stands there: it would be read anew with every tool.
        frame = {key: value for key, value in result.items() if key in FRAME}
        kept = []
        for number, tool in enumerate(result["tools"][:MOST_LISTED]):
            wrong = self._is_valid({**frame, "tools": [tool]})
            if wrong is None:
                # What it promises of results is not checked: a pattern could take for ever.
                kept.append({key: value for key, value in tool.items() if key != "outputSchema"})
                continue
            if len(self.malformed) >= MOST_TOLD:
                continue
            name = tool.get("name") if isinstance(tool, dict) else None
            shown = clean(name)[:64] if isinstance(name, str) else f"tool {number + 1}"
            self.malformed[shown] = wrong
        return {**result, "tools": kept}

    def _is_valid(self, result: dict[str, Any]) -> str | None:
        """What is wrong with a list; None where it is as the protocol has it."""
        try:
            validate_server_result("tools/list", self.version() or "2025-11-25", result)
            ListToolsResult.model_validate(result, by_name=False)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(one) for one in first["loc"][-2:])
            return f"it is malformed ({clean(place)[:60]}: {first['msg'][:80]})"
        return None


def _is_too_fast(moments: deque[float]) -> bool:
    """Note one more message; whether as many as are noted came within a minute."""
    now = time.monotonic()
    full = len(moments) == moments.maxlen and now - moments[0] < MINUTE
    moments.append(now)
    return full

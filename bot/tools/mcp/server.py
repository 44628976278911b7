"""One server, watched over by a task of its own: connected, listed, and connected again."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import structlog
from mcp import Client, MCPError
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from mcp_types import Tool as ServerTool

from bot.domain.tool_errors import ToolFailed
from bot.text.sanitize import clean
from bot.tools.mcp.connection import to_client
from bot.tools.mcp.file import ServerEntry
from bot.tools.mcp.guard import Guard
from bot.tools.mcp.listing import Listing, OfferedTool, to_listing
from bot.tools.mcp.results import to_text

CONNECTING = 30.0  # seconds for connecting and listing together
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between attempts
STEADY = 60.0  # seconds after which a connection counts as a good one
LOOKING = 300.0  # seconds between looks at what is listed, where nothing is heard of changes
APART = 1.0  # seconds between two looks at least
MOST_PAGES = 20
PATIENCE = 5.0  # seconds that a call waits for a server that is not connected
AT_ONCE = 8  # calls
MOST_REASON = 4_000  # characters of a refusal, which a model reads
MOST_WORDS = 300  # characters of a server's words for people and logs
FORGOTTEN = "Session terminated"  # as the library has it where a server does not know us
KEY = "nellie/idempotency-key"
NOT_CONNECTED = "{server} cannot be reached now ({reason}). It was not asked."

log = structlog.get_logger(__name__)


class Server:
    """A server's tools, as long as `run` runs."""

    def __init__(self, entry: ServerEntry) -> None:
        self.entry = entry
        self.listing = Listing()
        """As it was read last: its tools are known also while it is away."""
        self.problem = "it is being connected"
        """Why it cannot be asked now; empty where it can."""
        self._client: Client | None = None
        self._connected = asyncio.Event()
        self.settled = asyncio.Event()
        """It has been connected, or could not be, at least once."""
        self._woken = asyncio.Event()
        self._lost = ""
        self._last_words = bytearray()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Keep the connection until cancelled; whatever happens to it, try again, later and later.

        It is entered and left in this one task, as the library needs it.
        """
        pause = FIRST_PAUSE
        while True:
            begun = time.monotonic()
            try:
                async with asyncio.timeout(CONNECTING) as limit:
                    await self._connect(limit)
            except TimeoutError:
                self._lost = self._lost or f"it did not answer within {CONNECTING:g} s"
            except Exception as error:  # whatever the library, the system or the server raises
                self._lost = self._lost or _reason(error)
            self._forget_connection()
            _require_going_on()
            if time.monotonic() - begun > STEADY:
                pause = FIRST_PAUSE
            log.warning("mcp_server_away", server=self.entry.name, reason=self.problem)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # no secret
            pause = min(2 * pause, LONGEST_PAUSE)

    async def call(self, offered: OfferedTool, arguments: dict[str, Any], key: str) -> str:
        """Make a call; its text. Raises ToolFailed where it did certainly not succeed.

        What else it raises leaves open what the server has done.
        """
        if offered.key and key:
            arguments = {**arguments, offered.key: key}
        async with self._places:
            client = await self._wait_until_connected()
            try:
                result = await client.call_tool(offered.name, arguments, meta=cast(Any, _meta(key)))
            except MCPError as error:
                if error.code in (CONNECTION_CLOSED, REQUEST_TIMEOUT):
                    self._wake()
                    raise
                if error.message == FORGOTTEN:
                    self._lose("it has forgotten the session")
                reason = (
                    f"{self.entry.name} refused: {self._hidden(str(error.message))[:MOST_REASON]}"
                )
                raise ToolFailed(reason=reason) from None
            except Exception:
                self._wake()
                raise
        text = to_text(result)
        if result.is_error:
            raise ToolFailed(reason=text or f"{self.entry.name} failed and did not say why.")
        return text

    async def _connect(self, limit: asyncio.Timeout) -> None:
        self._lost = ""
        client: Client | None = None
        guard = Guard(
            version=lambda: client.session.protocol_version if client and self._client else None,
            on_change=self._wake,
            on_end=self._lose,
        )
        client = to_client(self.entry, guard, self._last_words)
        async with client:
            self._client = client
            await self._list(client, guard)
            limit.reschedule(None)
            self.problem = ""
            self._connected.set()
            self.settled.set()
            count, dropped = len(self.listing.by_name), len(self.listing.dropped)
            log.info("mcp_server_connected", server=self.entry.name, tools=count, dropped=dropped)
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(self._listen(client))
                await self._look_again(client, guard)
                listening.cancel()

    async def _look_again(self, client: Client, guard: Guard) -> None:
        """Read the list again whenever it may have changed, until the connection is lost."""
        while not self._lost:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKING):
                    await self._woken.wait()
            if self._lost:
                return
            self._woken.clear()
            await asyncio.sleep(APART)
            try:
                await self._list(client, guard)
            except Exception as error:
                self._lose(_reason(error))

    async def _listen(self, client: Client) -> None:
        """Hear of changes where the protocol's version of 2026 has a stream for them."""
        with suppress(ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError):
            async with client.listen(tools_list_changed=True) as subscription:
                async for _ in subscription:
                    self._wake()

    async def _list(self, client: Client, guard: Guard) -> None:
        guard.malformed.clear()
        listed: list[ServerTool] = []
        cursor = None
        if client.server_capabilities.tools is not None:
            for _ in range(MOST_PAGES):
                page = await client.list_tools(cursor=cursor)
                listed += page.tools
                cursor = page.next_cursor
                if not cursor:
                    break
        listing = to_listing(self.entry, listed, guard.malformed)
        if listing.dropped and listing.dropped != self.listing.dropped:
            log.warning(
                "mcp_tools_dropped", server=self.entry.name, tools=sorted(listing.dropped)[:20]
            )
        self.listing = listing

    async def _wait_until_connected(self) -> Client:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._connected.wait()
        if self._client is None or not self._connected.is_set():
            text = NOT_CONNECTED.format(server=self.entry.name, reason=self.problem)
            raise ToolFailed(reason=text)
        return self._client

    def _lose(self, reason: str) -> None:
        self._lost = self._lost or reason
        self._forget_connection()
        self._wake()

    def _wake(self) -> None:
        self._woken.set()

    def _forget_connection(self) -> None:
        self._client = None
        self._connected.clear()
        words = self._hidden(self._last_words.decode(errors="replace")).strip().splitlines()
        said = f'; it said: "{words[-1][-MOST_WORDS:]}"' if words else ""
        self.problem = f"{self._hidden(self._lost or 'it ended')[:MOST_WORDS]}{said}"
        self.settled.set()

    def _hidden(self, text: str) -> str:
        """A server's words for logs and people, without what the operator keeps secret."""
        for secret in sorted(self.entry.secrets, key=len, reverse=True):
            if len(secret) > 3:
                text = text.replace(secret, "***")
        return clean(text)


def _require_going_on() -> None:
    """Raise CancelledError where this task is to end: the library may have kept it for itself."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _meta(key: str) -> Mapping[str, Any] | None:
    return {KEY: key} if key else None


def _reason(error: BaseException) -> str:
    """The first error of a group that says something."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, MCPError):
        return f"it said: {error.message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

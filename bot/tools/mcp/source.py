"""The tools of all servers (bot.tools.registry.Source), and the tasks that keep them connected."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from bot.domain.tool_errors import ToolFailed
from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult
from bot.tools.mcp.file import Listed
from bot.tools.mcp.server import PATIENCE, Server

CHANGED = "{name} is another tool now than it was when it was offered: it was not called."

log = structlog.get_logger(__name__)


class McpServers:
    """Servers of the Model Context Protocol."""

    def __init__(self, listed: Listed, *, quiet: bool = False) -> None:
        """Of a file; what is wrong there is logged, unless `quiet`."""
        # The library quotes servers and addresses in its log; what matters of it is told here.
        logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
        self.servers = tuple(Server(entry) for entry in listed.servers)
        for problem in () if quiet else listed.problems:
            log.warning("mcp_file", problem=problem)

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None]:
        """Keep every server connected as long as the block lasts; nobody waits for one."""
        tasks = [
            asyncio.create_task(one.run(), name=f"mcp {one.entry.name}") for one in self.servers
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def offered(self) -> Sequence[Tool]:
        """What the servers listed last."""
        return [one.tool for server in self.servers for one in server.listing.by_name.values()]

    async def settled(self) -> None:
        """Wait until every server was connected, or could not be; five seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(server.settled.wait() for server in self.servers))

    def missing(self, tool: Tool) -> str:
        """Why a tool's server cannot be asked now; a call waits a moment for it all the same."""
        server = self._find(tool)
        return "" if server else "its server is gone from NELLIE_MCP"

    async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
        """Make a call of a tool."""
        server = self._find(tool)
        offered = server.listing.by_name.get(tool.name) if server else None
        if server is None or offered is None:
            return ToolResult(call.id, f"{tool.name} is not there any more.", is_error=True)
        if offered.tool != tool:
            return ToolResult(call.id, CHANGED.format(name=tool.name), is_error=True)
        try:
            text = await server.call(offered, json.loads(call.arguments), context.key)
        except ToolFailed as error:
            return ToolResult(call.id, str(error), is_error=True)
        return ToolResult(call.id, text)

    def _find(self, tool: Tool) -> Server | None:
        return next((one for one in self.servers if one.entry.name == tool.server), None)

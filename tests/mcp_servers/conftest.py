"""Servers of the Model Context Protocol, connected."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from doubles.mcp_servers.connected import Connect, Connected
from doubles.mcp_servers.starting import write_file

from bot.tools.mcp.file import read_file
from bot.tools.mcp.source import McpServers


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    """Connects to servers, given as they stand in the file, and waits for what comes of it."""
    async with AsyncExitStack() as stack:

        async def start(*, waits: bool = True, **servers: dict[str, Any]) -> Connected:
            source = McpServers(read_file(write_file(tmp_path, **servers)))
            await stack.enter_async_context(source.connected())
            for server in source.servers if waits else ():
                await server.settled.wait()
            return Connected(source)

        yield start

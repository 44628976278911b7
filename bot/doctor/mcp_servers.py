"""What the examination finds of MCP servers: whether they answer, and which tools they have."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.config.extras import how_to_install
from bot.config.settings import Settings
from bot.domain.ports import Finding
from bot.text.plurals import counted
from bot.tools.mcp.file import read_file
from bot.tools.mcp.opening import is_installed

if TYPE_CHECKING:
    from bot.tools.mcp.server import Server

PATIENCE = 10.0  # seconds in which a server must answer
SHOWN = 20  # tools that are named


async def examine_mcp_servers(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding about the servers of NELLIE_MCP."""
    if not settings.mcp:
        return
    if not is_installed():
        what = "NELLIE_MCP is set, and the library for it is not installed"
        yield Finding("mcp", "wrong", what, how_to_install("mcp"))
        return
    from bot.tools.mcp.source import McpServers  # only here: a large library is behind it

    listed = read_file(settings.mcp)
    for problem in listed.problems:
        yield Finding("mcp", "wrong", problem, f"correct {settings.mcp}")
    if not listed.servers and not listed.problems:
        yield Finding("mcp", "note", f"no server stands in {settings.mcp}")
    sources = McpServers(listed, quiet=True)
    async with sources.connected():
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(server.settled.wait() for server in sources.servers))
        for server in sources.servers:
            for finding in _of_server(server):
                yield finding


def _of_server(server: "Server") -> Iterator[Finding]:
    name, entry = f"mcp {server.entry.name}", server.entry
    if server.problem:
        mend = f"see to it that {entry.where} runs and answers; Nellie goes on without it"
        yield Finding(name, "wrong", f"cannot be asked: {server.problem}", mend)
        return
    tools = [one.tool for one in server.listing.by_name.values()]
    shown = [f"{tool.name}{' (changes something)' if tool.changes else ''}" for tool in tools]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    listed = f": {', '.join(shown[:SHOWN])}{more}" if shown else ""
    yield Finding(name, "ok", f"{counted(len(tools), 'tool')}{listed}")
    if tools and all(tool.changes for tool in tools):
        what = "every tool waits for a person's consent, also those that only read"
        yield Finding(name, "note", what, f'list them as "reads" of {entry.name} in NELLIE_MCP')
    for tool, reason in server.listing.dropped.items():
        mend = "ask who makes the server; its other tools are there"
        yield Finding(name, "note", f"{tool} is not offered: {reason}", mend)

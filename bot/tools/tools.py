"""All tools of a replica: what is built in, and what servers offer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.config.settings import Settings
from bot.memory.local_times import LocalTimes
from bot.memory.semantic_index import SemanticIndex
from bot.store.stores import Stores
from bot.tools.builtin.toolbox import BuiltinTools
from bot.tools.mcp.opening import find_servers
from bot.tools.registry import Registry, Source

if TYPE_CHECKING:
    from bot.tools.mcp.source import McpServers


@dataclass(frozen=True, slots=True)
class Tools:
    """What may be called, and the servers that have to be connected for it."""

    registry: Registry
    servers: "McpServers | None" = None

    @classmethod
    def on(
        cls,
        stores: Stores,
        settings: Settings,
        local_times: LocalTimes,
        semantic_index: SemanticIndex | None,
    ) -> Self:
        """On the stores of one replica."""
        sources: list[Source] = [BuiltinTools.on(stores, settings, local_times, semantic_index)]
        servers = find_servers(settings.mcp)
        if servers:
            sources.append(servers)
        return cls(Registry(sources=sources, switches=stores.tool_switches), servers)

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None]:
        """Keep the servers connected as long as the block lasts; nobody waits for one."""
        if self.servers is None:
            yield
            return
        async with self.servers.connected():
            yield

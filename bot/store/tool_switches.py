"""Which tools people have switched on and off in a channel."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("tool_switches")


@dataclass(frozen=True, slots=True)
class Switch:
    """What was last said of a tool."""

    enabled: bool
    described: str
    """A hash of how the tool described itself then."""


class ToolSwitches:
    """The tool_switch table. A channel of which it knows nothing says so itself (`uses_tools`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, channel_id: int) -> dict[str, Switch] | None:
        """By tool, what was said of it in a channel; None where no tools are used."""
        rows = await self._database.fetch(_SQL.read, {"channel": channel_id})
        if not rows:
            return None
        return {row.tool: Switch(row.enabled, row.described) for row in rows if row.tool}

    async def set(self, channel_id: int, tools: Mapping[str, str], *, enabled: bool) -> None:
        """Switch these tools, each with the hash of its description; they are used here now."""
        values = {
            "channel": channel_id,
            "enabled": enabled,
            "tools": list(tools),
            "described": list(tools.values()),
        }
        async with self._database.begin() as connection:
            await connection.execute(_SQL.set, values)
            await connection.execute(_SQL.mark, {"channel": channel_id, "uses": True})

    async def use(self, channel_id: int, *, uses: bool) -> None:
        """Whether tools are used in a channel at all; what was said of each is kept."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.mark, {"channel": channel_id, "uses": uses})

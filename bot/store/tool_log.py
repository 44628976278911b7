"""The calls of tools in a channel, as its people may look at them: no words of any."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.model import Author, Channel
from bot.store.database import Database
from bot.store.sql_files import load
from bot.store.tool_calls import CallState
from bot.text.fingerprints import fingerprint

_SQL = load("tool_log")

DAYS = 90
"""For so long it is kept that there was a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """A call that an answer has made, or makes."""

    tool: str
    state: CallState
    changes: bool
    planned_at: datetime
    ended_at: datetime | None
    person: str
    """Who asked for the answer; empty where that is not known any more."""


class ToolLog:
    """The tool_call table, as people see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(
        self, channel_id: int, channel: Channel, person: Author, *, limit: int
    ) -> list[LoggedCall]:
        """What this person may see of them, the newest first."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        values = {
            "channel": channel_id,
            "person": person.id or None,
            "payer": fingerprint(channel.platform, person.id) if person.id else None,
            "midnight": midnight,
            "most": limit,
        }
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.newest, values)
            return [LoggedCall(**row) for row in rows.mappings()]

    async def let_go(self, retention: int) -> None:
        """Delete old ones; `retention` is that of channels that say none, 0 for ever."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, {"retention": retention, "days": DAYS})

"""Turns that are owed or failed for good, as operators look at them: no text of anybody's."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database
from bot.store.heartbeat import NOBODY
from bot.store.sql_files import load
from bot.store.turn_actions import TurnActions

_SQL = load("turn_listing")

DAYS = 30  # a turn that failed longer ago is of no interest
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTurn:
    """A turn that waits, runs, or failed."""

    turn: int
    state: str
    platform: str
    workspace: str
    channel: str
    name: str
    """The channel's, where it has one."""
    direct: bool
    person: str
    asked: datetime
    attempts: int
    error: str | None


class TurnListing:
    """The turns table, as operators see it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._actions = TurnActions(database, lease=0)

    async def turns(self) -> list[ListedTurn]:
        """Those that wait or run, and those that failed in the last days; the oldest first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_open_and_failed, {"days": DAYS, "most": MOST})
            return [ListedTurn(**row) for row in rows.mappings()]

    async def retry(self, turn_id: int) -> bool:
        """Owe a failed turn again, to whichever replica looks first; False where that cannot be."""
        return await self._actions.retry(turn_id, owner=NOBODY) is not None

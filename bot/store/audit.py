"""The list of changes: noted before they are begun, so that none is missing in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.page import Visitor
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("audit")

PAGE = 50  # entries that are read at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A change, as it is stored."""

    id: int
    at: datetime
    platform: str
    name: str
    action: str
    what: str
    channel_id: int | None
    ended: bool


class Audit:
    """What was changed at the page, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, visitor: Visitor, action: str, *, channel_id: int | None = None, once: str = ""
    ) -> int | None:
        """Note what somebody is about to change; None where the form `once` was sent before."""
        values = {"action": action, "channel": channel_id, "once": once or None}
        async with self._database.begin() as connection:
            found: int | None = await connection.scalar(
                _SQL.begin, {**values, **_whose(visitor), "name": visitor.name}
            )
            return found

    async def finish(self, entry: int, what: str) -> None:
        """It was done."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.finish, {"id": entry, "what": what})

    async def drop(self, entry: int) -> None:
        """It was not done, and may be tried again."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.drop, {"id": entry})

    async def read(
        self, visitor: Visitor, *, everybody: bool, action: str | None, before: int | None
    ) -> Sequence[Entry]:
        """What was changed, by one person or by all, the newest first."""
        values = {"everybody": everybody, "chosen": action, "before": before, "most": PAGE}
        rows = await self._database.fetch(_SQL.get, {**values, **_whose(visitor)})
        return [Entry(**dict(row.items())) for row in rows]


def _whose(visitor: Visitor) -> dict[str, object]:
    return {
        "platform": visitor.platform,
        "workspace": visitor.workspace,
        "person": visitor.person_id,
    }

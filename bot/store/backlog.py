"""Turns that are owed or failed for good, as operators look at them: no text of anybody's."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.store.answers import Answers
from bot.store.database import Database
from bot.store.presence import NOBODY

DAYS = 30  # a turn that failed longer ago is of no interest
MOST = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """A turn that waits, runs, or failed."""

    turn: int
    state: str
    platform: str
    workspace: str
    channel: str
    name: str
    """The channel's, where it has one."""
    person: str
    asked: datetime
    attempts: int
    error: str | None


class Backlog:
    """The turns table, as operators see it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers = Answers(database, lease=0)

    async def turns(self) -> list[Owed]:
        """Those that wait or run, and those that failed in the last days; the oldest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(_TURNS, {"days": DAYS, "most": MOST})
            return [Owed(*row) for row in rows]

    async def retry(self, turn_id: int) -> bool:
        """Owe a failed turn again, to whichever replica looks first; False where that cannot be."""
        return await self._answers.again(turn_id, owner=NOBODY) is not None


_TURNS = sa.text("""
    SELECT * FROM (
        SELECT t.id, t.state, c.platform, c.workspace, c.external_id, c.name, m.author_name,
               t.created_at, t.attempts, t.error
        FROM turn t JOIN channel c ON c.id = t.channel_id
        JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
        WHERE t.state IN ('waiting', 'running')
        OR t.state = 'failed' AND t.created_at > now() - make_interval(days => :days)
        ORDER BY t.created_at DESC LIMIT :most
    ) newest ORDER BY created_at
""")

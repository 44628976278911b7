"""When each channel's digest is posted next."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.conversation import Channel
from bot.store.channels import STATE, state
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Due:
    """A digest whose time has come."""

    channel_id: int
    channel: Channel
    rhythm: str
    next_at: datetime
    since: datetime


class Schedules:
    """The schedule table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, channel_id: int) -> tuple[str, datetime] | None:
        """A channel's rhythm, and when it comes next; None where it has none."""
        async with self._database.single() as connection:
            row = (await connection.execute(_GET, {"channel": channel_id})).one_or_none()
            return None if row is None else (row.rhythm, row.next_at)

    async def set(self, channel_id: int, rhythm: str, next_at: datetime) -> None:
        """From now on in this rhythm; the first digest tells of what is said from now on."""
        async with self._database.begin() as connection:
            key = {"channel": channel_id, "rhythm": rhythm, "next": next_at}
            await connection.execute(_SET, key)

    async def remove(self, channel_id: int) -> bool:
        """No more digests; False when there were none."""
        async with self._database.begin() as connection:
            return (await connection.execute(_REMOVE, {"channel": channel_id})).rowcount == 1

    async def due(self, platforms: list[str]) -> list[Due]:
        """What is due on these platforms, the longest due first."""
        async with self._database.single() as connection:
            rows = await connection.execute(_DUE, {"platforms": platforms})
            return [
                Due(row.channel_id, state(row).channel, row.rhythm, row.next_at, row.since)
                for row in rows
            ]

    async def advance(self, due: Due, next_at: datetime) -> None:
        """This one is owed now; the next one begins where it ends."""
        async with self._database.begin() as connection:
            key = {"channel": due.channel_id, "former": due.next_at, "next": next_at}
            await connection.execute(_ADVANCE, key)


_GET = sa.text("SELECT rhythm, next_at FROM schedule WHERE channel_id = :channel")

_SET = sa.text("""
    INSERT INTO schedule (channel_id, rhythm, next_at, since)
    VALUES (:channel, :rhythm, :next, now())
    ON CONFLICT (channel_id) DO UPDATE
    SET rhythm = excluded.rhythm, next_at = excluded.next_at
""")

_REMOVE = sa.text("DELETE FROM schedule WHERE channel_id = :channel")

_DUE = sa.text(f"""
    SELECT {STATE}, s.rhythm, s.next_at, s.since
    FROM schedule s JOIN channel c ON c.id = s.channel_id
    WHERE next_at <= now() AND platform = ANY(CAST(:platforms AS text[]))
    ORDER BY next_at LIMIT 100
""")  # noqa: S608  # our own

_ADVANCE = sa.text("""
    UPDATE schedule SET next_at = :next, since = :former
    WHERE channel_id = :channel AND next_at = :former
""")

"""When each channel's scheduled digest is posted next."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Channel
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("schedules")


@dataclass(frozen=True, slots=True)
class Due:
    """A scheduled digest whose time has come."""

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
        """A channel's recurrence and its next time; None where it has none."""
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get, {"channel": channel_id})).one_or_none()
            return None if row is None else (row.rhythm, row.next_at)

    async def set(self, channel_id: int, rhythm: str, next_at: datetime) -> None:
        """Post from now on in this rhythm; the first digest covers what is said from now on."""
        async with self._database.begin() as connection:
            values = {"channel": channel_id, "rhythm": rhythm, "next": next_at}
            await connection.execute(_SQL.set, values)

    async def remove(self, channel_id: int) -> bool:
        """Post no more digests; False where there were none."""
        async with self._database.begin() as connection:
            return (await connection.execute(_SQL.remove, {"channel": channel_id})).rowcount == 1

    async def due(self, platforms: list[str]) -> list[Due]:
        """The digests that are due on these platforms, the longest due first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"platforms": platforms})
            return [
                Due(row.channel_id, to_state(row).channel, row.rhythm, row.next_at, row.since)
                for row in rows
            ]

    async def postpone(self, due: Due) -> None:
        """Look at one that could not be opened again in an hour, not before the others."""
        async with self._database.begin() as connection:
            values = {"channel": due.channel_id, "former": due.next_at}
            await connection.execute(_SQL.postpone, values)

    async def advance(self, due: Due, next_at: datetime) -> None:
        """Set the next time of one whose turn is open; the next one begins where it ends."""
        async with self._database.begin() as connection:
            values = {"channel": due.channel_id, "former": due.next_at, "next": next_at}
            await connection.execute(_SQL.advance, values)

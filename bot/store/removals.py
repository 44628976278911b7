"""Channels that Nellie was shown out of or that are gone, and threads that were deleted."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.introductions import TRIGGER
from bot.store.message_edits import forget
from bot.store.message_inserts import lock_channel
from bot.store.person_traces import take_out
from bot.store.posted_files import release_added_files
from bot.store.sql_files import load

_SQL = load("removals")


@dataclass(frozen=True, slots=True)
class Removal:
    """A channel, or a thread of it, that is no longer there for Nellie."""

    channel_id: int
    thread: str = ""


class Removals:
    """Notes what is gone, since when, and forgets it once that is long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, removal: Removal) -> None:
        """It is gone, from now on; what was noted before stays as it is."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.note, _to_values(removal))

    async def undo(self, channel_id: int) -> None:
        """Nellie is in the channel."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.undo, {"channel": channel_id})

    async def threads_left(self, channel_id: int, address: str) -> list[str]:
        """The threads in which people said something that is remembered, and not noted as gone."""
        values = {"channel": channel_id, "address": address}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_threads_left, values)
            return list(rows.scalars())

    async def due(self, days: int, *, limit: int) -> list[Removal]:
        """What has been gone for longer than so many days and is still remembered."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"days": days, "limit": limit})
            return [Removal(row.channel_id, row.thread) for row in rows]

    async def forget(self, removal: Removal, days: int) -> int:
        """Forget it unless it has come back, or was forgotten by another replica.

        Returns how many messages that were.
        """
        values = _to_values(removal)
        async with self._database.begin() as connection:
            await lock_channel(connection, removal.channel_id)
            marked = await connection.execute(_SQL.mark_forgotten, {**values, "days": days})
            if not marked.rowcount:
                return 0
            seqs = list((await connection.execute(_SQL.get_seqs, values)).scalars())
            added = list[int]()
            if not removal.thread:
                added = await release_added_files(connection, removal.channel_id, None)
            count = await forget(connection, removal.channel_id, seqs, added)
            await connection.execute(_SQL.cancel_turns, values)
            if not removal.thread:
                await _begin_anew(connection, removal.channel_id, seqs)
        return count


async def _begin_anew(connection: AsyncConnection, channel_id: int, seqs: list[int]) -> None:
    """Nobody's id is left, and a return would be like coming for the first time.

    What was set for the channel stays, and so does who opted out.
    """
    await take_out(connection, channel_id, None)
    values = {"channel": channel_id, "seqs": seqs, "introduction": TRIGGER}
    await connection.execute(_SQL.free_ids, values)
    await connection.execute(_SQL.begin_anew, {"channel": channel_id})
    await connection.execute(_SQL.delete_schedule, {"channel": channel_id})
    await connection.execute(_SQL.delete_rules, {"channel": channel_id})


def _to_values(removal: Removal) -> dict[str, object]:
    return {"channel": removal.channel_id, "thread": removal.thread}

"""What the models cost: one row per call."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model import Purpose, Usage
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("usage")


class Used(NamedTuple):
    """What the calls of one model for one purpose came to."""

    purpose: str
    model: str
    calls: int
    input: int
    cached: int | None
    """None where the server never said, and `cache_write` likewise."""
    cache_write: int | None
    output: int


async def record(
    connection: AsyncConnection,
    channel_id: int,
    usage: Sequence[Usage],
    purpose: Purpose,
    *,
    turn: int | None = None,
    author: str | None = None,
    payer: str | None = None,
    attempt: int = 1,
) -> None:
    """Store usage rows inside a transaction."""
    if not usage:
        return
    rows = [
        {
            "channel_id": channel_id,
            "purpose": purpose,
            "turn_id": turn,
            "author_id": author,
            "payer": payer,
            "attempt": attempt,
            "model": call.model,
            "input": call.input,
            "cached": call.cached,
            "cache_write": call.cache_write,
            "output": call.output,
            "estimated": call.estimated,
        }
        for call in usage
    ]
    await connection.execute(_SQL.add, rows)


class UsageLog:
    """The usage table, read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        channel_id: int,
        usage: Sequence[Usage],
        purpose: Purpose,
        *,
        author: str | None = None,
        payer: str | None = None,
    ) -> None:
        """Store usage that belongs to no turn; of who opted out, without the author."""
        values = {"channel": channel_id, "author": author}
        async with self._database.begin() as connection:
            if author and await connection.scalar(_SQL.is_opted_out, values):
                author = None
            await record(connection, channel_id, usage, purpose, author=author, payer=payer)

    async def since(self, channel_id: int, start: datetime) -> list[Used]:
        """What a channel used, the dearest first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_since, {"channel": channel_id, "start": start})
            return [Used(**row) for row in rows.mappings()]


class UnkeptUsage(UsageLog):
    """The same where nothing may be written: what is used meanwhile is not kept."""

    async def add(
        self,
        channel_id: int,
        usage: Sequence[Usage],
        purpose: Purpose,
        *,
        author: str | None = None,
        payer: str | None = None,
    ) -> None:
        """Keep nothing of it."""

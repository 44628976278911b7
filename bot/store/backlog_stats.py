"""How the database is, and what waits in it: what operators look at."""

import asyncio
from dataclasses import dataclass

from bot.domain.errors import DatabaseUnavailable
from bot.store.database import Database
from bot.store.sql_files import load

PATIENCE = 2.0  # seconds that Postgres has to answer

_SQL = load("backlog_stats")


@dataclass(frozen=True, slots=True)
class BacklogStats:
    """Of all replicas together."""

    waiting: int
    """Turns that wait for their lane."""
    running: int
    lag: int
    """Window tokens over the mark at which compaction starts, over all channels."""
    files: int
    """Files that are still to be read."""


async def backlog_stats(database: Database, *, high: int) -> BacklogStats:
    """Raises DatabaseUnavailable, also when Postgres takes too long or takes nothing in."""
    try:
        async with asyncio.timeout(PATIENCE), database.autocommit() as connection:
            row = (await connection.execute(_SQL.get, {"high": high})).one()
    except TimeoutError:
        raise DatabaseUnavailable(reason=f"no answer within {PATIENCE:g} seconds") from None
    if row.read_only:
        raise DatabaseUnavailable(reason="it is read-only")
    return BacklogStats(row.waiting, row.running, row.lag, row.files)

"""How the database is, and what waits in it: what operators look at."""

import asyncio
from dataclasses import dataclass

import sqlalchemy as sa

from bot.errors import DatabaseUnavailable
from bot.store.database import Database

PATIENCE = 2.0  # seconds that Postgres has to answer


@dataclass(frozen=True, slots=True)
class Vitals:
    """Of all replicas together."""

    waiting: int
    """Turns that wait for their lane."""
    running: int
    lag: int
    """Window tokens over the mark at which compaction starts, over all channels."""


async def vitals(database: Database, *, high: int) -> Vitals:
    """Raises DatabaseUnavailable, also when Postgres takes too long or takes nothing in."""
    try:
        async with asyncio.timeout(PATIENCE), database.single() as connection:
            row = (await connection.execute(_VITALS, {"high": high})).one()
    except TimeoutError:
        raise DatabaseUnavailable(reason=f"no answer within {PATIENCE:g} seconds") from None
    if row.read_only:
        raise DatabaseUnavailable(reason="it is read-only")
    return Vitals(row.waiting, row.running, row.lag)


# Written so that the index of open turns alone is read.
_VITALS = sa.text("""
    SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'running') AS running,
           (SELECT CAST(coalesce(sum(window_tokens - :high), 0) AS bigint)
            FROM channel WHERE window_tokens > :high) AS lag,
           pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only
    FROM turn WHERE state IN ('waiting', 'running')
""")

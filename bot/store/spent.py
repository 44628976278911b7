"""What was asked and spent lately, over all replicas: what limits are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.conversation import Turn
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Rate:
    """So many questions within so many seconds, of one person or in one channel."""

    limit: str
    count: int
    seconds: int
    own: bool
    """Of the person who asks; else of the channel."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model has used since midnight, UTC."""

    model: str
    input: int
    cached: int
    output: int
    here: int
    """Tokens of the channel."""
    own: int
    """Tokens of the person."""


class Ledger:
    """Questions and usage, counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reached(self, turn: Turn, rates: Sequence[Rate]) -> tuple[Rate, float] | None:
        """The first of these that was reached before this turn, and for how many seconds more.

        A question that was itself turned away does not count.
        """
        key = {
            "turn": turn.id,
            "author": turn.trigger.author.id,
            "platform": turn.channel.platform,
            "counts": [one.count for one in rates],
            "seconds": [one.seconds for one in rates],
            "owns": [one.own for one in rates],
            "longest": max(one.seconds for one in rates),
        }
        async with self._database.single() as connection:
            row = (await connection.execute(_REACHED, key)).first()
        return None if row is None else (rates[row.number - 1], max(1.0, row.wait))

    async def before(self, turn: Turn) -> int:
        """How many questions of its lane were not answered yet when this one was asked."""
        async with self._database.single() as connection:
            count: int = await connection.scalar(_BEFORE, {"turn": turn.id}) or 0
            return count

    async def today(self, channel_id: int, author_id: str | None) -> list[Spent]:
        """What was spent today, by model."""
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        key = {"day": day, "channel": channel_id, "author": author_id}
        async with self._database.single() as connection:
            return [Spent(*row) for row in await connection.execute(_TODAY, key)]


_REACHED = sa.text("""
    WITH mine AS (SELECT id, channel_id, created_at FROM turn WHERE id = :turn), asked AS (
        SELECT t.created_at AS at, t.channel_id = mine.channel_id AS here,
               m.author_id = :author AND c.platform = :platform AS own
        FROM mine JOIN turn t ON t.created_at > mine.created_at - make_interval(secs => :longest)
             AND t.id < mine.id AND t.error IS DISTINCT FROM 'LimitReached'
        JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
        JOIN channel c ON c.id = t.channel_id
    )
    SELECT r.number, CAST(extract(epoch FROM nth.at + make_interval(secs => r.seconds)
                                  - clock_timestamp()) AS float8) AS wait
    FROM mine, unnest(CAST(:counts AS int[]), CAST(:seconds AS int[]), CAST(:owns AS bool[]))
         WITH ORDINALITY AS r(count, seconds, own, number),
    LATERAL (
        SELECT at FROM asked
        WHERE at > mine.created_at - make_interval(secs => r.seconds)
        AND CASE WHEN r.own THEN asked.own ELSE here END
        ORDER BY at DESC OFFSET r.count - 1 LIMIT 1
    ) nth ORDER BY wait DESC LIMIT 1
""")

_BEFORE = sa.text("""
    SELECT count(*) FROM turn mine JOIN turn t USING (channel_id, lane)
    WHERE mine.id = :turn AND t.id < mine.id AND t.created_at > mine.created_at - interval '1 day'
    AND (t.finished_at IS NULL OR t.finished_at > mine.created_at)
    AND t.error IS DISTINCT FROM 'LimitReached'
""")

_TODAY = sa.text("""
    SELECT model, CAST(sum(input) AS bigint), CAST(coalesce(sum(cached), 0) AS bigint),
           CAST(sum(output) AS bigint),
           CAST(coalesce(sum(input + output) FILTER (WHERE channel_id = :channel), 0) AS bigint),
           CAST(coalesce(sum(input + output)
                         FILTER (WHERE author_id = CAST(:author AS text)), 0) AS bigint)
    FROM usage WHERE at >= :day GROUP BY model
""")

"""The lexical index, asked: BM25 in plain SQL, with bounded work for terms that are everywhere."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.conversation import Channel, Message
from bot.language.question import TERMS
from bot.language.ranking import Hit
from bot.language.words import terms
from bot.store.database import Database
from bot.store.messages import SAID, message

CAP = 4_000  # newest postings read per term: a term in more messages than that says little


class Search:
    """Which messages hold these terms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def best(
        self, channel: Channel, channel_id: int, asked: Sequence[str], *, limit: int
    ) -> list[tuple[float, Message]]:
        """(score, message) of the messages with the rarest and most of these terms, best first.

        Any term is enough to be found; none is required.
        """
        if not asked:
            return []
        async with self._database.single() as connection:
            rows = await connection.execute(
                _BEST,
                {"channel": channel_id, "terms": list(asked), "cap": CAP, "limit": limit},
            )
            return [(float(row.score), message(row, channel)) for row in rows]

    async def hits(self, channel_id: int, asked: Sequence[str], *, limit: int) -> list[Hit]:
        """The same messages, by number and time alone."""
        if not asked:
            return []
        key = {"channel": channel_id, "terms": list(asked), "cap": CAP, "limit": limit}
        async with self._database.single() as connection:
            return list(map(Hit._make, (await connection.execute(_HITS, key)).all()))

    async def said(
        self, channel_id: int, start: datetime, end: datetime, *, limit: int
    ) -> list[Hit]:
        """The newest messages that were said in a time."""
        key = {"channel": channel_id, "start": start, "end": end, "limit": limit}
        async with self._database.single() as connection:
            return list(map(Hit._make, (await connection.execute(_BETWEEN, key)).all()))

    async def words(
        self, channel: Channel, channel_id: int, words: str, *, limit: int
    ) -> list[Message]:
        """What a person finds with these words, best first."""
        asked = list(terms(words))[:TERMS]
        return [one for _, one in await self.best(channel, channel_id, asked, limit=limit)]

    async def holding(self, channel_id: int, words: str) -> list[int]:
        """The numbers of every message that holds all of these words."""
        async with self._database.single() as connection:
            key = {"channel": channel_id, "terms": list(terms(words))}
            return list((await connection.execute(_HOLDING, key)).scalars())


_HOLDING = sa.text("""
    SELECT seq FROM posting
    WHERE channel_id = :channel AND term = ANY(CAST(:terms AS text[]))
    GROUP BY seq HAVING count(*) = cardinality(CAST(:terms AS text[])) ORDER BY seq
""")

# In double precision throughout: numeric, which Postgres would choose, takes ten times as long.
# The postings of a term travel as arrays, so that what holds for the term is computed once. Of one
# that stands in more than are read, it is guessed from how densely those follow each other.
_SCORED = """
    WITH found AS MATERIALIZED (
        SELECT newest.*, cardinality(seqs) AS read
        FROM unnest(CAST(:terms AS text[])) AS asked(term)
        CROSS JOIN LATERAL (
            SELECT array_agg(seq) AS seqs, array_agg(count) AS counts, array_agg(length) AS lengths,
                   min(seq) AS oldest, sum(length) AS total
            FROM (
                SELECT seq, count, length FROM posting
                WHERE channel_id = :channel AND posting.term = asked.term
                ORDER BY posting.seq DESC LIMIT :cap
            ) p
        ) newest WHERE seqs IS NOT NULL
    ), common AS (
        SELECT found.*, CAST(c.seq AS float8) AS said, CASE
            WHEN read < CAST(:cap AS int) THEN CAST(read AS float8)
            ELSE CAST(c.seq AS float8) * read / greatest(c.seq - oldest + 1, read)
        END AS n
        FROM found, (SELECT seq FROM channel WHERE id = :channel) c
    ), weighed AS MATERIALIZED (
        SELECT seqs, counts, lengths,
               ln(1 + (greatest(said, n) - n + CAST(0.5 AS float8)) / (n + CAST(0.5 AS float8)))
                   * CAST(2.2 AS float8) AS weight,
               CAST(0.9 AS float8)
                   / greatest(CAST(sum(total) OVER () AS float8) / sum(read) OVER (), 1) AS long
        FROM common
    ), scored AS (
        SELECT hit.seq,
               sum(weight * count / (count + CAST(0.3 AS float8) + long * hit.length)) AS score
        FROM weighed, unnest(seqs, counts, lengths) AS hit(seq, count, length)
        GROUP BY hit.seq ORDER BY score DESC, hit.seq DESC LIMIT :limit
    )
"""

_BEST = sa.text(f"""
    {_SCORED}
    SELECT {SAID}, scored.score FROM scored
    JOIN message m ON m.channel_id = :channel AND m.seq = scored.seq
    WHERE NOT m.deleted ORDER BY scored.score DESC, m.seq DESC
""")  # noqa: S608  # only our own constants are put in

_HITS = sa.text(f"""
    {_SCORED}
    SELECT m.seq, scored.score, date_part('epoch', m.said_at) AS at
    FROM scored JOIN message m ON m.channel_id = :channel AND m.seq = scored.seq
    WHERE NOT m.deleted
""")  # noqa: S608  # only our own constants are put in

_BETWEEN = sa.text("""
    SELECT seq, CAST(0 AS float8), date_part('epoch', said_at) FROM message
    WHERE channel_id = :channel AND said_at >= :start AND said_at < :end AND NOT deleted
    ORDER BY said_at DESC LIMIT :limit
""")

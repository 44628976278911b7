"""Vectors of messages, where Postgres has pgvector: which are missing, and which are near.

The two tables are made when embeddings are first switched on, not by a migration: a Postgres
without pgvector does without. A trigger empties a vector in the transaction that changes a message
or its neighbour, so that also a replica that embeds nothing leaves none behind.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.language.ranking import Hit
from bot.store.database import MIGRATION_LOCK, Database

LOCK = 79  # the kind of the lock that lets one replica at a time embed a channel
PAGE = 16  # messages embedded at once: two texts each, and TEI takes 32
LONGEST = 1_000  # characters of a message that count
USUAL = 500  # messages, the newest, that tell how near a text is to just anything
SAMPLE = 1_000  # messages, from all of a channel, that tell how near a code must be
WIDE = 3  # times as many as asked for are looked at closely: those whose codes are nearest

Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Missing:
    """A message without a vector of this model."""

    seq: int
    own: str
    """Its author and text; empty where it gets no vector: forgotten, or Nellie's own."""
    around: str
    """The same with the message before it and the one after it."""
    hash: int
    """Of all that: a vector of what has changed meanwhile is not kept."""


class Embeddings:
    """The vectors of one model."""

    def __init__(self, database: Database, model: str) -> None:
        self.database = database
        self._model = model

    async def prepare(self) -> bool:
        """Make the tables; False where Postgres has no pgvector, or gives us no right to it."""
        async with self.database.single() as connection:
            if await connection.scalar(_MADE):
                return True
            if not await connection.scalar(_AVAILABLE):
                return False
        try:
            async with self.database.begin() as connection:
                await connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
                lock = sa.text("SELECT pg_advisory_xact_lock(:key)")
                await connection.execute(lock, {"key": MIGRATION_LOCK})
                for statement in _TABLES:
                    await connection.execute(sa.text(statement))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
                raise
            return False
        return True

    async def due(self) -> list[int]:
        """Channels in which messages have no vector of this model."""
        async with self.database.single() as connection:
            return list((await connection.execute(_DUE, {"model": self._model})).scalars())

    async def missing(self, channel_id: int) -> list[Missing]:
        """A page of what is new, else of what is old, the newest first, else of what was changed.

        Not the newest message, which has none after it yet.
        """
        key = {"channel": channel_id, "model": self._model, "page": PAGE}
        async with self.database.single() as connection:
            return [Missing(*row) for row in await connection.execute(_MISSING, key)]

    async def put(
        self, channel_id: int, page: Sequence[Missing], vectors: Mapping[int, Vector]
    ) -> None:
        """Keep the vectors of a page, by number; and that all of it has been dealt with."""
        rows = [
            {"seq": one.seq, "hash": one.hash, "vector": _written(vectors[one.seq])}
            for one in page
            if one.seq in vectors
        ]
        seqs = [one.seq for one in page]
        key = {"channel": channel_id, "model": self._model}
        async with self.database.begin() as connection:
            await connection.execute(_UNCHANGED, {"channel": channel_id})
            await connection.execute(_PUT, {**key, "rows": json.dumps(rows)})
            await connection.execute(_SEEN, {**key, "first": min(seqs), "last": max(seqs)})

    async def nearest(self, channel_id: int, vector: Vector, *, limit: int) -> list[Hit]:
        """The messages nearest to a vector; scored in standard deviations above the usual."""
        key = {
            "channel": channel_id, "model": self._model, "limit": limit, "wide": WIDE * limit,
            "vector": _written(vector), "size": len(vector),
        }  # fmt: skip
        async with self.database.single() as connection:
            return list(map(Hit._make, (await connection.execute(_NEAREST, key)).all()))


def _written(vector: Vector) -> str:
    return f"[{','.join(f'{number:.5g}' for number in vector)}]"


_NO_RIGHT = "42501"
_MADE = sa.text("SELECT to_regclass('ix_embedding_code') IS NOT NULL")  # what was added last
_AVAILABLE = sa.text("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')")

_TABLES = (
    "CREATE EXTENSION IF NOT EXISTS vector",
    """
    CREATE TABLE IF NOT EXISTS embedding (
        channel_id bigint, seq bigint, model text NOT NULL, vector halfvec,
        PRIMARY KEY (channel_id, seq)
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS ix_embedding_empty ON embedding (channel_id, seq)
    WHERE vector IS NULL
    """,
    # One bit for each number of a vector, side by side in an index: a channel's are soon read.
    """
    ALTER TABLE embedding ADD COLUMN IF NOT EXISTS
        code bit varying GENERATED ALWAYS AS (binary_quantize(vector)) STORED
    """,
    """
    CREATE INDEX IF NOT EXISTS ix_embedding_code ON embedding (channel_id, seq) INCLUDE (code)
    """,
    """
    CREATE TABLE IF NOT EXISTS embedded (
        channel_id bigint PRIMARY KEY, model text NOT NULL,
        first_seq bigint NOT NULL, last_seq bigint NOT NULL
    )
    """,
    """
    CREATE OR REPLACE FUNCTION empty_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM embedding
        WHERE NEW.deleted AND channel_id = NEW.channel_id AND seq = NEW.seq;
        UPDATE embedding SET vector = NULL
        WHERE channel_id = NEW.channel_id AND seq BETWEEN NEW.seq - 1 AND NEW.seq + 1;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER empty_embedding AFTER UPDATE OF text ON message
    FOR EACH ROW WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION empty_embedding()
    """,
)

_DUE = sa.text("""
    SELECT c.id FROM channel c LEFT JOIN embedded d ON d.channel_id = c.id AND d.model = :model
    WHERE c.seq > 1 AND (d.channel_id IS NULL OR d.last_seq < c.seq - 1 OR d.first_seq > 1
        OR EXISTS (SELECT FROM embedding e WHERE e.channel_id = c.id AND e.vector IS NULL))
    ORDER BY c.last_at DESC
""")

_OWN = f"n.author_name || ': ' || left(n.text, {LONGEST})"
_AROUND = f"""
    (SELECT string_agg({_OWN}, E'\\n' ORDER BY n.seq) FROM message n
     WHERE n.channel_id = :channel AND n.seq BETWEEN m.seq - 1 AND m.seq + 1 AND NOT n.deleted)
"""  # noqa: S608  # only our own constants are put in

_MISSING = sa.text(f"""
    WITH done AS (
        SELECT c.seq AS newest,
               coalesce(d.first_seq, c.seq) AS first, coalesce(d.last_seq, c.seq - 1) AS last
        FROM channel c LEFT JOIN embedded d ON d.channel_id = c.id AND d.model = :model
        WHERE c.id = :channel
    ), page AS (
        (SELECT 1 AS rank, seq FROM message, done
         WHERE channel_id = :channel AND seq > last AND seq < newest ORDER BY seq LIMIT :page)
        UNION ALL
        (SELECT 2, seq FROM message, done
         WHERE channel_id = :channel AND seq < first ORDER BY seq DESC LIMIT :page)
        UNION ALL
        (SELECT 3, seq FROM embedding
         WHERE channel_id = :channel AND vector IS NULL ORDER BY seq DESC LIMIT :page)
    ), texts AS (
        SELECT n.seq, CASE WHEN n.nellie OR n.deleted THEN '' ELSE {_OWN} END AS own,
               coalesce({_AROUND}, '') AS around
        FROM page m JOIN message n ON n.channel_id = :channel AND n.seq = m.seq
        WHERE m.rank = (SELECT min(rank) FROM page)
    )
    SELECT seq, own, around, hashtextextended(around, 0) FROM texts
""")  # noqa: S608  # only our own constants are put in

# Who changes or forgets a message locks its channel for update, and waits until this has ended.
_UNCHANGED = sa.text("SELECT id FROM channel WHERE id = :channel FOR KEY SHARE")

_PUT = sa.text(f"""
    INSERT INTO embedding (channel_id, seq, model, vector)
    SELECT :channel, m.seq, :model,
           CASE WHEN made.hash = hashtextextended({_AROUND}, 0)
                THEN CAST(made.vector AS halfvec) END
    FROM json_to_recordset(CAST(:rows AS json)) AS made(seq bigint, hash bigint, vector text)
    JOIN message m ON m.channel_id = :channel AND m.seq = made.seq AND NOT m.deleted
    ON CONFLICT (channel_id, seq) DO UPDATE SET model = excluded.model, vector = excluded.vector
""")  # noqa: S608  # only our own constants are put in

# Of another model nothing counts, and everything is dealt with anew. What was changed lies within.
_SEEN = sa.text("""
    INSERT INTO embedded AS d (channel_id, model, first_seq, last_seq)
    VALUES (:channel, :model, :first, :last)
    ON CONFLICT (channel_id) DO UPDATE SET
        model = excluded.model,
        first_seq = CASE WHEN d.model = excluded.model
                         THEN least(d.first_seq, :first) ELSE :first END,
        last_seq = CASE WHEN d.model = excluded.model
                        THEN greatest(d.last_seq, :last) ELSE :last END
""")

# Codes first, since vectors are wide; all that a channel has of this model lies in one range. They
# are held against an edge, since sorting all of them takes longer than to read them.
_NEAREST = sa.text(f"""
    WITH asked AS MATERIALIZED (
        SELECT vector, binary_quantize(vector) AS code
        FROM (SELECT CAST(CAST(:vector AS text) AS halfvec) AS vector) given
    ), done AS MATERIALIZED (
        SELECT first_seq, last_seq, (last_seq - first_seq) / {SAMPLE} + 1 AS step
        FROM embedded WHERE channel_id = :channel AND model = :model
    ), edge AS MATERIALIZED (
        SELECT code <~> (SELECT code FROM asked) AS away FROM embedding
        WHERE channel_id = :channel AND length(code) = :size
        AND seq = ANY(ARRAY(SELECT generate_series(first_seq, last_seq, step) FROM done))
        ORDER BY away OFFSET (SELECT CAST(:wide AS int) / step FROM done) LIMIT 1
    ), likely AS MATERIALIZED (
        SELECT seq FROM embedding
        WHERE channel_id = :channel
        AND seq BETWEEN (SELECT first_seq FROM done) AND (SELECT last_seq FROM done)
        AND CASE WHEN length(code) = :size THEN code <~> (SELECT code FROM asked) END
            <= coalesce((SELECT away FROM edge), :size)
        ORDER BY seq DESC LIMIT CAST(:wide AS int) * 2
    ), usual AS MATERIALIZED (
        SELECT avg(near) AS near, greatest(stddev_pop(near), 0.01) AS spread
        FROM (SELECT -(vector <#> (SELECT vector FROM asked)) AS near FROM embedding
              WHERE channel_id = :channel AND model = :model AND vector_dims(vector) = :size
              AND seq > (SELECT last_seq FROM done) - {USUAL}
             ) newest
    ), best AS MATERIALIZED (
        SELECT seq, vector <#> (SELECT vector FROM asked) AS away
        FROM likely JOIN embedding e USING (seq)
        WHERE e.channel_id = :channel AND e.model = :model
        ORDER BY away LIMIT :limit
    )
    SELECT m.seq, (-best.away - usual.near) / usual.spread, date_part('epoch', m.said_at)
    FROM best JOIN message m ON m.channel_id = :channel AND m.seq = best.seq, usual
    WHERE NOT m.deleted AND -best.away > usual.near
""")  # noqa: S608  # only our own constants are put in

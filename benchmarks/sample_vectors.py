"""Vectors of made-up messages, as large as a small embedder's, and an embedder that knows them.

Messages stay with a topic for a while; each says something of its own besides. The vectors are not
fitted to any embedder's: they cost the search what real ones do, and say nothing of recall.
"""

import json
from collections.abc import Sequence
from typing import cast

import sqlalchemy as sa

from bot.bootstrap import Nellie
from bot.domain.model import Usage
from bot.llm.embedding.embedder import Embedder
from bot.memory.semantic_index import SemanticIndex
from bot.store.database import Database
from bot.store.embeddings import Embeddings

NAME, SIZE = "bench/fixed", 384
TOPICS = 300
IN_A_ROW = 7  # messages about one topic
CHUNK = 10_000  # messages of one statement


class FixedEmbedder:
    """An embedder that has seen every question, and asks nobody."""

    name = space = NAME

    def __init__(self, known: dict[str, list[float]]) -> None:
        self._known = known

    async def embed(
        self, texts: Sequence[str], role: str = "query"
    ) -> tuple[list[list[float]], Usage]:
        """One vector for each question."""
        return [self._known[text] for text in texts], Usage(NAME, 8, 0)


async def make_semantic_index(
    nellie: Nellie, channel_id: int, size: int, questions: Sequence[str]
) -> SemanticIndex:
    """The semantic index of a channel of that many messages, all of them with a vector."""
    embeddings = Embeddings(nellie.database, NAME)
    assert await embeddings.prepare()
    await _fill(nellie.database, channel_id, size)
    known = await _embed_questions(nellie.database, channel_id, size, questions)
    index = SemanticIndex(
        embeddings=embeddings,
        embedder=cast(Embedder, FixedEmbedder(known)),
        usage=nellie.stores.usage,
        quotas=nellie.quotas,
        locks=nellie.stores.locks,
        patience=1,
    )
    await index.prepare()
    return index


async def _fill(database: Database, channel_id: int, size: int) -> None:
    key = {"channel": channel_id, "model": NAME}
    async with database.begin() as connection:
        await connection.execute(_TOPIC, {"size": SIZE, "topics": TOPICS})
        for first in range(1, size, CHUNK):
            chunk = {"first": first, "last": min(first + CHUNK, size) - 1}
            topics = {"topics": TOPICS, "in_a_row": IN_A_ROW}
            await connection.execute(_VECTORS, {**key, **topics, **chunk})
        await connection.execute(_DONE, {**key, "last": size - 1})
    async with database.autocommit() as connection:
        for table in ("embedding", "embedding_codes"):  # in daily life it comes by itself
            await connection.execute(sa.text(f"VACUUM ANALYZE {table}"))


async def _embed_questions(
    database: Database, channel_id: int, size: int, questions: Sequence[str]
) -> dict[str, list[float]]:
    """The questions' vectors: near some message's each."""
    async with database.autocommit() as connection:
        return {
            question: json.loads(
                await connection.scalar(
                    _NEAR, {"channel": channel_id, "seq": 1 + number * 4_999 % (size - 1)}
                )
            )
            for number, question in enumerate(questions)
        }


_TOPIC = sa.text("""
    CREATE TEMP TABLE topic ON COMMIT DROP AS
    SELECT id, ARRAY(SELECT random_normal() FROM generate_series(1, CAST(:size AS int)) n
                     WHERE id >= 0) AS vector
    FROM generate_series(0, CAST(:topics AS int) - 1) id
""")

_VECTORS = sa.text("""
    INSERT INTO embedding (channel_id, seq, model, vector)
    SELECT :channel, seq, :model, l2_normalize(CAST(CAST(ARRAY(
        SELECT number + 1.2 * random_normal() FROM unnest(vector) number
    ) AS real[]) AS halfvec))
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) seq
    JOIN topic ON id = abs(hashint8(seq / CAST(:in_a_row AS int))) % CAST(:topics AS int)
""")

_DONE = sa.text("INSERT INTO embedded VALUES (:channel, :model, 1, :last)")

_NEAR = sa.text("""
    SELECT CAST(l2_normalize(CAST(CAST(ARRAY(
        SELECT number + 0.05 * random_normal() FROM unnest(CAST(vector AS real[])) number
    ) AS real[]) AS halfvec)) AS text)
    FROM embedding WHERE channel_id = :channel AND seq = :seq
""")

"""Vectors of made-up talk, as large as a small embedder's, and one that embeds questions at once.

Talk stays with a topic for some messages; each says something of its own besides. They are not
fitted to any embedder's: they cost the search what real ones do, and say nothing of recall.
"""

import json
from collections.abc import Sequence
from typing import cast

import sqlalchemy as sa

from bot.conversation import Usage
from bot.engine import Engine
from bot.llm.embedder import Embedder
from bot.memory.meaning import Meaning
from bot.store.database import Database
from bot.store.embeddings import Embeddings

NAME, SIZE = "bench/still", 384
TOPICS = 300
TALK = 7  # messages in a row about one topic
PART = 10_000  # messages of one statement


class Still:
    """An embedder that has seen every question, and asks nobody."""

    name = NAME

    def __init__(self, known: dict[str, list[float]]) -> None:
        self._known = known

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], Usage]:
        """One vector for each question."""
        return [self._known[text] for text in texts], Usage(NAME, 8, 0)


async def meaning(engine: Engine, channel_id: int, size: int, questions: Sequence[str]) -> Meaning:
    """A channel of that many messages, all of them with a vector."""
    embeddings = Embeddings(engine.database, NAME)
    assert await embeddings.prepare()
    await _fill(engine.database, channel_id, size)
    known = await _asked(engine.database, channel_id, size, questions)
    embedder = cast(Embedder, Still(known))
    made = Meaning(embeddings, embedder, engine.usage, engine.limits, patience=1)
    await made.prepare()
    return made


async def _fill(database: Database, channel_id: int, size: int) -> None:
    key = {"channel": channel_id, "model": NAME, "size": SIZE, "topics": TOPICS, "talk": TALK}
    async with database.begin() as connection:
        await connection.execute(_TOPIC, key)
        for first in range(1, size, PART):
            part = {**key, "first": first, "last": min(first + PART, size) - 1}
            await connection.execute(_VECTORS, part)
        await connection.execute(_DONE, {**key, "last": size - 1})
    async with database.single() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE embedding"))


async def _asked(
    database: Database, channel_id: int, size: int, questions: Sequence[str]
) -> dict[str, list[float]]:
    """The questions' vectors: near some message's each."""
    async with database.single() as connection:
        return {
            question: json.loads(
                await connection.scalar(
                    _NEAR, {"channel": channel_id, "seq": 1 + number * 4_999 % (size - 1)}
                )
            )
            for number, question in enumerate(questions)
        }


# Numbers that are about normal, of a spread of 1.
_NORMAL = "(random() + random() + random() + random() - 2) * sqrt(3)"

_TOPIC = sa.text(f"""
    CREATE TEMP TABLE topic ON COMMIT DROP AS
    SELECT id, ARRAY(SELECT {_NORMAL} FROM generate_series(1, CAST(:size AS int)) n
                     WHERE id >= 0) AS vector
    FROM generate_series(0, CAST(:topics AS int) - 1) id
""")  # noqa: S608  # only our own constants are put in

_VECTORS = sa.text(f"""
    INSERT INTO embedding (channel_id, seq, model, vector)
    SELECT :channel, seq, :model, l2_normalize(CAST(CAST(ARRAY(
        SELECT number + 1.2 * {_NORMAL} FROM unnest(vector) number
    ) AS real[]) AS halfvec))
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) seq
    JOIN topic ON id = abs(hashint8(seq / CAST(:talk AS int))) % CAST(:topics AS int)
""")  # noqa: S608  # only our own constants are put in

_DONE = sa.text("INSERT INTO embedded VALUES (:channel, :model, 1, :last)")

_NEAR = sa.text(f"""
    SELECT CAST(l2_normalize(CAST(CAST(ARRAY(
        SELECT number + 0.05 * {_NORMAL} FROM unnest(CAST(vector AS real[])) number
    ) AS real[]) AS halfvec)) AS text)
    FROM embedding WHERE channel_id = :channel AND seq = :seq
""")  # noqa: S608  # only our own constants are put in

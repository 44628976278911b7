"""Vectors of messages, where Postgres has pgvector: which are missing, and which are near.

The two tables are made when embeddings are first switched on, not by a migration: a Postgres
without pgvector does without. A trigger empties a vector in the transaction that changes a message
or its neighbour, so that also a replica that embeds nothing leaves none behind.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from bot.language.hit_scores import SearchHit
from bot.store.database import Database
from bot.store.schema import lock_schema
from bot.store.sql_files import load

_SQL = load("embeddings")

PAGE = 16  # messages embedded at once: two texts each, and TEI takes 32
LONGEST = 1_000  # characters of a message that count
USUAL = 500  # messages, the newest, that tell how near a text is to just anything
SAMPLE = 1_000  # messages, from all of a channel, that tell how near a code must be
WIDE = 3  # times as many as asked for are looked at closely: those whose codes are nearest

# A right that is lacking; an extension that a cloud does not allow, or that has no files.
_NOT_ALLOWED = ("42501", "0A000", "58P01", "22023")
_TABLES = (
    _SQL.create_extension,
    _SQL.create_embedding,
    _SQL.create_index_of_empty,
    _SQL.add_code,
    _SQL.create_index_of_codes,
    _SQL.create_embedded,
    _SQL.create_function,
    _SQL.create_trigger,
)

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
        async with self.database.autocommit() as connection:
            if await connection.scalar(_SQL.are_made):
                return True
            if not await connection.scalar(_SQL.is_available):
                return False
        try:
            async with self.database.begin() as connection:
                await lock_schema(connection)
                for sql in _TABLES:
                    await connection.execute(sql)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _NOT_ALLOWED:
                raise
            return False
        return True

    async def due(self) -> list[int]:
        """Channels in which messages have no vector of this model."""
        async with self.database.autocommit() as connection:
            return list((await connection.execute(_SQL.find_due, {"model": self._model})).scalars())

    async def missing(self, channel_id: int) -> list[Missing]:
        """A page of what is new, else of what is old, the newest first, else of what was changed.

        Not the newest message, which has none after it yet.
        """
        values = {
            "channel": channel_id,
            "model": self._model,
            "page": PAGE,
            "longest": LONGEST,
        }
        async with self.database.autocommit() as connection:
            return [Missing(*row) for row in await connection.execute(_SQL.find_missing, values)]

    async def put(
        self, channel_id: int, page: Sequence[Missing], vectors: Mapping[int, Vector]
    ) -> None:
        """Keep the vectors of a page, by number; and that all of it has been dealt with."""
        rows = [
            {"seq": one.seq, "hash": one.hash, "vector": _to_text(vectors[one.seq])}
            for one in page
            if one.seq in vectors
        ]
        seqs = [one.seq for one in page]
        values = {"channel": channel_id, "model": self._model}
        vectors_of_page = {**values, "rows": json.dumps(rows), "longest": LONGEST}
        async with self.database.begin() as connection:
            await connection.execute(_SQL.hold_channel, {"channel": channel_id})
            await connection.execute(_SQL.put, vectors_of_page)
            span = {"first": min(seqs), "last": max(seqs)}
            await connection.execute(_SQL.mark_done, {**values, **span})

    async def nearest(self, channel_id: int, vector: Vector, *, limit: int) -> list[SearchHit]:
        """The messages nearest to a vector; scored in standard deviations above the usual."""
        values = {
            "channel": channel_id,
            "model": self._model,
            "vector": _to_text(vector),
            "size": len(vector),
            "limit": limit,
            "wide": WIDE * limit,
            "sample": SAMPLE,
            "usual": USUAL,
        }
        async with self.database.autocommit() as connection:
            return list(
                map(SearchHit._make, (await connection.execute(_SQL.find_nearest, values)).all())
            )


def _to_text(vector: Vector) -> str:
    return f"[{','.join(f'{number:.5g}' for number in vector)}]"

"""Vectors of messages, where Postgres has pgvector: which are missing, and which are near.

The two tables are made when embeddings are first switched on, not by a migration: a Postgres
without pgvector does without. A trigger empties a vector in the transaction that changes a message
or its neighbour, so that also a replica that embeds nothing leaves none behind.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from asyncpg import BitString
from sqlalchemy.exc import DBAPIError

from bot.language.hit_scores import SearchHit
from bot.store import embedding_codes
from bot.store.database import Database
from bot.store.error_mapping import reason_of
from bot.store.schema import lock_schema
from bot.store.sql_files import Statements, load

PAGE = 16  # messages embedded at once: two texts each, and TEI takes 32
LONGEST = 1_000  # characters of a message that count
USUAL = 500  # messages, the newest, that tell how near a text is to just anything
WIDE = 2  # times as many as asked for are looked at closely: those whose codes are nearest

# What is kept of a text that gets no vector: of a size that none has, and gone with the next edit.
_SET_ASIDE = "[0]"
_TABLES = (
    "create_extension",
    "create_embedding",
    "create_index_of_empty",
    "add_code",
    "create_embedded",
    "create_function",
    "create_trigger",
)

Vector = list[float]


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
    """The vectors of one model; of messages, where no other statements are given."""

    sql: ClassVar[Statements] = load("embeddings")
    tables: ClassVar[Sequence[str]] = _TABLES
    packed: ClassVar[bool] = True
    """Whether their codes are packed: a channel's are many."""

    def __init__(self, database: Database, model: str) -> None:
        self.database = database
        self.model = model
        self.trouble = ""
        """Why there are no tables."""

    async def prepare(self) -> bool:
        """Make the tables; False, with the reason in `trouble`, where Postgres lets nobody do that.

        Clouds refuse an extension in words and codes of their own: what is not the connection's
        fault is lived without.
        """
        async with self.database.autocommit() as connection:
            if await connection.scalar(self.sql.are_made):
                return True
            if not await connection.scalar(self.sql.is_available):
                self.trouble = "Postgres has no pgvector"
                return False
        try:
            async with self.database.begin() as connection:
                await lock_schema(connection)
                for name in self.tables:
                    await connection.execute(getattr(self.sql, name))
                if self.packed:
                    await embedding_codes.make_tables(connection)
            if self.packed:
                await embedding_codes.pack(self.database)
        except DBAPIError as error:
            self.trouble = reason_of(error)
            return False
        return True

    async def kept_size(self) -> int:
        """How many numbers the vectors of this model have that are kept; 0 where there are none."""
        async with self.database.autocommit() as connection:
            return await connection.scalar(self.sql.get_size, {"model": self.model}) or 0

    async def start_over(self) -> None:
        """Forget every vector of this model."""
        async with self.database.begin() as connection:
            await connection.execute(self.sql.forget_done, {"model": self.model})
            await connection.execute(self.sql.forget_vectors, {"model": self.model})

    async def due(self) -> list[int]:
        """Channels in which messages have no vector of this model."""
        async with self.database.autocommit() as connection:
            return list(
                (await connection.execute(self.sql.find_due, {"model": self.model})).scalars()
            )

    async def missing(self, channel_id: int) -> list[Missing]:
        """A page of what is new, else of what is old, the newest first, else of what was changed.

        Not the newest message, which has none after it yet.
        """
        values = {
            "channel": channel_id,
            "model": self.model,
            "page": PAGE,
            "longest": LONGEST,
        }
        async with self.database.autocommit() as connection:
            return [
                Missing(*row) for row in await connection.execute(self.sql.find_missing, values)
            ]

    async def put(
        self, channel_id: int, page: Sequence[Missing], vectors: Mapping[int, Vector | None]
    ) -> None:
        """Keep the vectors of a page, by number; and that all of it has been dealt with.

        None is for a text that gets none: it is left alone until somebody changes it.
        """
        rows = [
            {"seq": one.seq, "hash": one.hash, "vector": _to_text(vectors[one.seq])}
            for one in page
            if one.seq in vectors
        ]
        seqs = [one.seq for one in page]
        values = {"channel": channel_id, "model": self.model}
        vectors_of_page = {**values, "rows": json.dumps(rows), "longest": LONGEST}
        async with self.database.begin() as connection:
            await connection.execute(self.sql.hold_channel, {"channel": channel_id})
            await connection.execute(self.sql.put, vectors_of_page)
            span = {"first": min(seqs), "last": max(seqs)}
            await connection.execute(self.sql.mark_done, {**values, **span})

    async def nearest(self, channel_id: int, vector: Vector, *, limit: int) -> list[SearchHit]:
        """The messages nearest to a vector; scored in standard deviations above the usual."""
        values = {
            "channel": channel_id,
            "model": self.model,
            "vector": _to_text(vector),
            "code": _to_code(vector),
            "size": len(vector),
            "limit": limit,
            "wide": WIDE * limit,
            "usual": USUAL,
        }
        found = await self.database.fetch(self.sql.find_nearest, values)
        return list(map(SearchHit._make, found))


def _to_text(vector: Vector | None) -> str:
    if vector is None:
        return _SET_ASIDE
    return f"[{','.join(f'{number:.5g}' for number in vector)}]"


def _to_code(vector: Vector) -> BitString:
    """As binary_quantize of pgvector makes it, so much as is packed."""
    bits = vector[: embedding_codes.LONGEST]
    return BitString("".join("1" if number > 0 else "0" for number in bits))

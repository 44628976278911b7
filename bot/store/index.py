"""The lexical index, kept true when a message is rewritten or forgotten."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.words import terms
from bot.store.adding import postings

LOOKED_UP = 200  # messages; to take more out, reading the channel's index through is faster


@dataclass(frozen=True, slots=True)
class Indexed:
    """A message as the index holds it."""

    seq: int
    said: str
    """Its author's name and its text; may be empty when there are more than LOOKED_UP."""


async def index(connection: AsyncConnection, channel_id: int, message: Indexed) -> None:
    """Put a message in."""
    found = postings(message.said)
    key = {"channel": channel_id, "seq": message.seq, "length": found["length"]}
    await connection.execute(_INDEX, {**key, "terms": json.dumps(found["terms"])})


async def unindex(
    connection: AsyncConnection, channel_id: int, messages: Sequence[Indexed]
) -> set[str]:
    """Take messages out; returns the terms that they had."""
    left, found = {one.seq for one in messages}, set[str]()
    if len(messages) <= LOOKED_UP:
        pairs = [(term, one.seq) for one in messages for term in terms(one.said)]
        key = {"terms": [term for term, _ in pairs], "seqs": [seq for _, seq in pairs]}
        rows = (await connection.execute(_TAKE, {"channel": channel_id, **key})).all()
        found = {row.term for row in rows}
        left = {seq for _, seq in pairs} - _complete(rows)
    if left:
        rest = await connection.execute(_TAKE_ALL, {"channel": channel_id, "seqs": list(left)})
        found.update(rest.scalars())
    return found


def _complete(rows: Sequence[sa.Row[tuple[object, ...]]]) -> set[int]:
    """The messages of which nothing is left, though words may once have been cut otherwise."""
    taken = Counter[int]()
    for row in rows:
        taken[row.seq] += row.count_
    return {row.seq for row in rows if taken[row.seq] == row.length}


_INDEX = sa.text("""
    INSERT INTO posting (channel_id, term, seq, count, length)
    SELECT :channel, key, :seq, CAST(value AS smallint), CAST(:length AS smallint)
    FROM json_each_text(CAST(:terms AS json))
""")

# By their place on the disk, so that each is looked up also where there are no statistics yet.
_TAKE = sa.text("""
    DELETE FROM posting WHERE ctid = ANY(ARRAY(
        SELECT (SELECT ctid FROM posting
                WHERE channel_id = :channel AND term = gone.term AND seq = gone.seq)
        FROM unnest(CAST(:terms AS text[]), CAST(:seqs AS bigint[])) AS gone(term, seq)
    )) RETURNING term, seq, count AS count_, length
""")

_TAKE_ALL = sa.text("""
    WITH gone AS (
        DELETE FROM posting WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))
        RETURNING term
    ) SELECT DISTINCT term FROM gone
""")

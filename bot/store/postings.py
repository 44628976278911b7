"""The lexical index, kept true when a message is rewritten or forgotten."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.terms import extract_terms
from bot.store.message_inserts import to_postings
from bot.store.sql_files import load

_SQL = load("postings")

LOOKED_UP = 200  # messages; to take more out, reading the channel's index through is faster


@dataclass(frozen=True, slots=True)
class Indexed:
    """A message as the index holds it."""

    seq: int
    text: str
    """Its author's name and its text; may be empty when there are more than LOOKED_UP."""


async def index(connection: AsyncConnection, channel_id: int, message: Indexed) -> None:
    """Put a message in."""
    postings = to_postings(message.text)
    values = {"channel": channel_id, "seq": message.seq, "length": postings["length"]}
    await connection.execute(_SQL.insert, {**values, "terms": json.dumps(postings["terms"])})


async def unindex(
    connection: AsyncConnection, channel_id: int, messages: Sequence[Indexed]
) -> set[str]:
    """Take messages out; returns the terms that they had."""
    left, removed = {message.seq for message in messages}, set[str]()
    if len(messages) <= LOOKED_UP:
        pairs = [
            (term, message.seq) for message in messages for term in extract_terms(message.text)
        ]
        values = {
            "channel": channel_id,
            "terms": [term for term, _ in pairs],
            "seqs": [seq for _, seq in pairs],
        }
        rows = (await connection.execute(_SQL.delete_by_term, values)).all()
        removed = {row.term for row in rows}
        left = {seq for _, seq in pairs} - _complete(rows)
    if left:
        values = {"channel": channel_id, "seqs": list(left)}
        removed.update((await connection.execute(_SQL.delete_by_message, values)).scalars())
    return removed


def _complete(rows: Sequence[sa.Row[tuple[object, ...]]]) -> set[int]:
    """The messages of which nothing is left, though words may once have been cut otherwise."""
    taken = Counter[int]()
    for row in rows:
        taken[row.seq] += row.count_
    return {row.seq for row in rows if taken[row.seq] == row.length}

"""The lexical index, kept true when a message is rewritten or forgotten."""

import json
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.indexing import to_postings
from bot.language.terms import extract_words_and_wholes
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
        words, wholes = _pair(messages)
        pairs = [*words, *wholes]
        values = {
            "channel": channel_id,
            "terms": [term for term, _ in pairs],
            "seqs": [seq for _, seq in pairs],
        }
        rows = (await connection.execute(_SQL.delete_by_term, values)).all()
        removed = {row.term for row in rows}
        left = {seq for _, seq in pairs} - _complete(rows, wholes)
    if left:
        values = {"channel": channel_id, "seqs": list(left)}
        removed.update((await connection.execute(_SQL.delete_by_message, values)).scalars())
    return removed


def _pair(messages: Sequence[Indexed]) -> tuple[list[tuple[str, int]], set[tuple[str, int]]]:
    """(term, number) of what the messages' words, and what is one as a whole, are found by."""
    words, wholes = list[tuple[str, int]](), set[tuple[str, int]]()
    for message in messages:
        of_words, of_wholes = extract_words_and_wholes(message.text)
        words += [(term, message.seq) for term in of_words]
        wholes |= {(term, message.seq) for term in of_wholes}
    return words, wholes


def _complete(
    rows: Sequence[sa.Row[tuple[object, ...]]], wholes: Container[tuple[str, int]]
) -> set[int]:
    """The messages of which nothing is left, though words may once have been cut otherwise."""
    taken = Counter[int]()
    for row in rows:
        taken[row.seq] += 0 if (row.term, row.seq) in wholes else row.count_
    return {row.seq for row in rows if taken[row.seq] == row.length}

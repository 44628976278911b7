"""Which of Nellie's answers hold what only a summary told: it goes with what the summary rests on.

What an answer has from its window, or from what was found for it, is in resting_answers.py.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Set
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.terms import FILLER, extract_terms
from bot.store.sql_files import load

_SQL = load("digest_answers")

AT_LEAST = 2  # words of such statements alone, where none of them has a digit: one may be chance

_Row = sa.Row[tuple[Any, ...]]


async def find_digest_answers(
    connection: AsyncConnection,
    channel_id: int,
    seqs: Collection[int],
    kept: Set[str] = frozenset(),
) -> set[int]:
    """The answers that were made from statements which rest on these messages.

    `kept` are terms that stay true: those of an edited message. Inside a transaction that holds the
    channel, and before the summaries are hidden.
    """
    values = {"channel": channel_id, "seqs": list(seqs)}
    segments = (await connection.execute(_SQL.find_segments, values)).all()
    terms, since = _find_own_terms(segments, frozenset(seqs), kept)
    if not terms:
        return set()
    asked = {**values, "terms": json.dumps(sorted(terms)), "since": since}
    held = defaultdict[int, set[str]](set)
    for row in (await connection.execute(_SQL.find_holding, asked)).all():
        held[row.seq].add(row.term)
    return {seq for seq, some in held.items() if len(some) >= AT_LEAST or any(map(_tells, some))}


def _find_own_terms(
    segments: Collection[_Row], seqs: frozenset[int], kept: Set[str]
) -> tuple[set[str], int]:
    """What no other statement says than those that rest on the messages; and since when."""
    theirs, others, since = set[str](), set[str](kept | FILLER), list[int]()
    for segment in segments:
        others |= extract_terms(" ".join(segment.participants)).keys()
        for text, sources in _read(segment):
            if seqs.isdisjoint(sources):
                others |= extract_terms(text).keys()
            else:
                theirs |= extract_terms(text).keys()
                since.append(segment.last_seq)
    return theirs - others, min(since, default=0)


def _read(segment: _Row) -> Iterator[tuple[str, list[int]]]:
    for statement in segment.statements:
        if isinstance(statement, dict):
            yield statement["text"], statement["sources"]


def _tells(term: str) -> bool:
    """Whether a term is a number, a code or the like, which nobody says by chance."""
    return any(sign.isdigit() for sign in term)

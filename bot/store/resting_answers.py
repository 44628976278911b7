"""Which of Nellie's answers rest on messages: they are forgotten together with them.

What was found for a question is known when it is answered. What an answer has from its window is
looked for only when something of that window is forgotten.
"""

import json
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.terms import FILLER, extract_terms
from bot.store.sql_files import load

_SQL = load("resting_answers")

TOLD_APART = 0.5  # of an answer's own words: fewer that somebody said, and it is in other words
TOGETHER = 200  # answers whose words are looked up at a time


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that was shown something of what is forgotten, and the words to look for."""

    row: sa.Row[tuple[Any, ...]]
    words: frozenset[str]
    own: bool
    """They are not those of the question."""
    says_nothing: bool
    """It has no word that the index knows: "yes", say."""

    @classmethod
    def of(cls, row: sa.Row[tuple[Any, ...]]) -> "_Answer":
        words, asked = extract_terms(row.text).keys(), extract_terms(row.asked).keys()
        own = words - asked - FILLER
        repeated = words & asked
        return cls(row, frozenset(own or repeated - FILLER), bool(own), not (own or repeated))

    def rests(self, found: Sequence[sa.Row[tuple[Any, ...]]], *, on_answers: bool) -> bool:
        """Whether it was made from what is forgotten, by where its words were found.

        One in words that nobody used, in another language say, may be made from anything that it
        was shown. From former answers it has the words that these alone had used before.
        """
        if on_answers:
            return any(one.forgotten and not (self.own and one.stands) for one in found)
        told_apart = self.own and len(found) < TOLD_APART * len(self.words)
        return self.says_nothing or told_apart or any(one.forgotten for one in found)


async def find_resting_answers(
    connection: AsyncConnection, channel_id: int, seqs: Collection[int], answers: Set[int]
) -> set[int]:
    """The answers that were made from these messages, and those made from such answers.

    `answers` are known to be among the former. Inside a transaction that holds the channel, and
    before the messages leave the index.
    """
    gone, new, on_answers = set(seqs), set(seqs), False
    while new:
        ordered = sorted(new)
        values = {"channel": channel_id, "seqs": ordered, "gone": list(gone)}
        ends = {"first": ordered[0], "last": ordered[-1]}
        rows = (await connection.execute(_SQL.find_candidates, {**values, **ends})).all()
        new = {row.seq for row in rows if row.found and not on_answers}
        unsure = [_Answer.of(row) for row in rows if row.seq not in new and _may_rest(row, ordered)]
        for first in range(0, len(unsure), TOGETHER):
            some = unsure[first : first + TOGETHER]
            new.update(await _find_sharing(connection, values, some, on_answers=on_answers))
        new |= set() if on_answers else answers
        if new:
            rest = await connection.execute(_SQL.find_rest, {**values, "answers": sorted(new)})
            new.update(rest.scalars())
        new -= gone
        gone |= new
        on_answers = True
    return gone.difference(seqs)


def _may_rest(answer: sa.Row[tuple[Any, ...]], seqs: Sequence[int]) -> bool:
    """Whether one of these sorted messages was found for it, or stood in its window."""
    following = bisect_left(seqs, answer.shown_from)
    return bool(answer.found or (following < len(seqs) and seqs[following] < answer.seq))


async def _find_sharing(
    connection: AsyncConnection,
    values: dict[str, Any],
    answers: Sequence[_Answer],
    *,
    on_answers: bool,
) -> Iterable[int]:
    """Those whose words say that they were made from what is forgotten."""
    asked = json.dumps([part for answer in answers for part in _to_rows(answer)])
    rows = (await connection.execute(_SQL.find_words, {**values, "answers": asked})).all()
    found = {seq: list(some) for seq, some in groupby(rows, key=lambda row: row.seq)}
    return [
        answer.row.seq
        for answer in answers
        if answer.rests(found.get(answer.row.seq, ()), on_answers=on_answers)
    ]


def _to_rows(answer: _Answer) -> Iterator[dict[str, object]]:
    row = answer.row
    shown = {"seq": row.seq, "shown_from": row.shown_from, "rests_on": list(row.rests_on)}
    yield from ({**shown, "term": word} for word in answer.words)

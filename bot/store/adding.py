"""How messages come in: each once, numbered, indexed, and together with what else is owed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import Message
from bot.language.words import terms

SMALL = 32_767  # what the index keeps of counts and lengths


@dataclass(frozen=True, slots=True)
class Stored:
    """A message on its way into the table."""

    message: Message
    rests_on: tuple[int, ...] = ()
    """For an answer: the messages that it was made from; it is forgotten with them."""
    hidden: bool = False
    """Only its place is taken, so that it cannot come later: nothing of it is remembered."""


async def add(
    connection: AsyncConnection, channel_id: int, said: Sequence[Stored]
) -> dict[str, int]:
    """Store messages inside a transaction; afterwards it holds the channel's row lock.

    What is stored already is left out of the result. What a person who opted out says takes its
    place with no name and no text. Raises Clash when another delivery won the race.
    """
    unique: dict[str, Stored] = {}
    for stored in said:
        unique.setdefault(stored.message.id, stored)
    with clashes():
        key = {"channel": channel_id, "rows": rows(unique.values())}
        found = await connection.execute(ADD, key)
    return {row.external_id: row.seq for row in found if row.seq is not None}


class Clash(Exception):
    """Another transaction stored one of these messages between our look and our write."""


@contextmanager
def clashes() -> Iterator[None]:
    """Give a name to what ADDED raises, having changed nothing. Raises Clash."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _DIVISION_BY_ZERO:
            raise Clash from None
        raise


def postings(said: str) -> dict[str, object]:
    """What the index keeps of a text, as the statements take it."""
    found = terms(said)
    return {
        "terms": {term: min(count, SMALL) for term, count in found.items()},
        "length": min(sum(found.values()), SMALL),
    }


def rows(said: Iterable[Stored]) -> str:
    """Messages as ADDED takes them."""
    return json.dumps([_row(one) for one in said])


def _row(stored: Stored) -> dict[str, object]:
    said = stored.message
    return {
        "external_id": said.id,
        "author_id": said.author.id,
        "author_name": said.author.name,
        "nellie": said.author.nellie,
        "text": said.text,
        "said_at": said.at.isoformat(),
        "thread": said.thread,
        "reply_to": said.reply_to,
        "link": said.link,
        "addressed": said.addressed,
        "tokens": said.tokens,
        "rests_on": list(stored.rests_on) or None,
        "kept_out": stored.hidden,
        **postings(f"{said.author.name} {said.text}"),
    }


LOCK = sa.text("SELECT id FROM channel WHERE id = :channel FOR UPDATE")

# Messages are stored in one statement, so that the channel's row is locked as late and as briefly
# as can be. These are its first clauses; `said` holds what was new. OFFSET 0 keeps the planner from
# reading the whole channel instead, where it has no statistics of it yet.
CAME = """
    json_to_recordset(CAST(:rows AS json)) AS came(
        external_id text, author_id text, author_name text, nellie boolean, text text,
        said_at timestamptz, thread text, reply_to text, link text, addressed boolean,
        tokens int, rests_on bigint[], kept_out boolean, terms json, length smallint)
"""
INCOMING = f"SELECT *, kept_out AS hidden, row_number() OVER () AS place FROM {CAME}"  # noqa: S608  # our own

ADDED = """
    fresh AS (
        SELECT i.*, i.hidden OR (o.author_id IS NOT NULL AND NOT i.nellie) AS unseen,
               row_number() OVER (ORDER BY i.place) AS number
        FROM incoming i
        LEFT JOIN optout o ON o.channel_id = :channel AND o.author_id = i.author_id
        WHERE NOT EXISTS (
            SELECT FROM message m WHERE m.channel_id = :channel AND m.external_id = i.external_id
            OFFSET 0)
    ), numbered AS (
        UPDATE channel SET seq = seq + f.count, window_tokens = window_tokens + f.tokens,
                           last_at = greatest(last_at, f.last)
        FROM (SELECT count(*) AS count, max(said_at) AS last,
                     coalesce(sum(tokens) FILTER (WHERE NOT unseen), 0) AS tokens FROM fresh) f
        WHERE id = :channel AND f.count > 0
        RETURNING seq - f.count AS base
    ), said AS (
        INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, text,
                             said_at, thread, reply_to, link, addressed, tokens, rests_on, deleted)
        SELECT :channel, base + number, external_id, CASE WHEN unseen THEN '' ELSE author_id END,
               CASE WHEN unseen THEN '' ELSE author_name END, nellie,
               CASE WHEN unseen THEN '' ELSE text END, said_at, thread, reply_to,
               CASE WHEN unseen THEN '' ELSE link END, addressed,
               CASE WHEN unseen THEN 0 ELSE tokens END,
               CASE WHEN NOT unseen THEN rests_on END, unseen
        FROM fresh, numbered ORDER BY number
        ON CONFLICT (channel_id, external_id) DO NOTHING
        RETURNING seq, external_id, deleted
    ), indexed AS (
        INSERT INTO posting (channel_id, term, seq, count, length)
        SELECT :channel, t.key, said.seq, CAST(t.value AS smallint), f.length
        FROM said JOIN fresh f USING (external_id), json_each_text(f.terms) t
        WHERE NOT f.unseen
    )
"""

# 1, or an error that undoes the statement: another transaction was first with one of them.
ALL_SAID = """
    1 / CASE WHEN (SELECT count(*) FROM said) = (SELECT count(*) FROM fresh) THEN 1 ELSE 0 END
"""
_DIVISION_BY_ZERO = "22012"

ADD = sa.text(f"""
    WITH incoming AS ({INCOMING}), {ADDED}
    SELECT {ALL_SAID}, said.seq, said.external_id
    FROM (SELECT 1) AS always LEFT JOIN said ON true
""")  # noqa: S608  # only our own constants are put in

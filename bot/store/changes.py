"""Edits and deletions: what was said changes together with everything that rests on it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.words import terms
from bot.store.adding import LOCK, Stored, add
from bot.store.database import Database
from bot.store.index import LOOKED_UP, Indexed, index, unindex


class Changes:
    """Rewrites and forgets. Every change is one transaction under the channel's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def edit(self, channel_id: int, message_id: str, text: str, tokens: int) -> bool:
        """Rewrite a message in place; False when it is unknown, forgotten or the same."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            found = await connection.execute(
                _EDIT,
                {"channel": channel_id, "id": message_id, "text": text, "tokens": tokens},
            )
            row = found.one_or_none()
            if row is None:
                return False
            await unindex(
                connection, channel_id, [Indexed(row.seq, f"{row.author_name} {row.former}")]
            )
            await index(connection, channel_id, Indexed(row.seq, f"{row.author_name} {text}"))
            await connection.execute(_DIRTY, {"channel": channel_id, "seqs": [row.seq]})
            return True

    async def forget(self, channel_id: int, seqs: Sequence[int]) -> int:
        """Empty messages and every answer that rests on them; returns how many were asked for."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            return await forget(connection, channel_id, seqs)

    async def expired(self, days: int, *, limit: int) -> list[tuple[int, list[int]]]:
        """(channel, numbers) of messages kept too long, so many of a channel at the most.

        `days` holds where a channel has not set its own; 0 keeps for ever.
        """
        async with self._database.single() as connection:
            rows = await connection.execute(_EXPIRED, {"days": days, "limit": limit})
            return [(row.id, list(row.seqs)) for row in rows]

    async def forget_id(self, channel_id: int, stub: Stored) -> None:
        """Forget by the platform's id; one never seen is kept out should it come later."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            key = {"channel": channel_id, "id": stub.message.id}
            seq = await connection.scalar(_SEQ, key)
            if seq is None:
                seq = (await add(connection, channel_id, [stub]))[stub.message.id]
            await forget(connection, channel_id, [seq])


async def forget(connection: AsyncConnection, channel_id: int, seqs: Sequence[int]) -> int:
    """Empty the messages and what rests on them, inside a transaction that holds the channel."""
    asked = {"channel": channel_id, "seqs": list(seqs)}
    resting = (await connection.execute(_RESTING, asked)).scalars().all()
    gone, lost = await empty(connection, channel_id, [*seqs, *resting])
    if lost:
        key = {"channel": channel_id, "terms": list(lost), "first": min(seqs)}
        citing = (await connection.execute(_CITING, key)).scalars().all()
        await empty(connection, channel_id, citing)
    return len(gone & set(seqs))


async def empty(
    connection: AsyncConnection, channel_id: int, seqs: Sequence[int]
) -> tuple[set[int], set[str]]:
    """Take the words of these messages; returns which had any, and the people's words."""
    every = sorted(set(seqs))
    key = {"channel": channel_id, "seqs": every}
    texts = {"texts": len(every) <= LOOKED_UP}
    rows = (await connection.execute(_SAID, {**key, **texts})).all()
    theirs, hers = (
        [Indexed(row.seq, f"{row.author_name} {row.text}") for row in rows if row.nellie is nellie]
        for nellie in (False, True)
    )
    words = await unindex(connection, channel_id, theirs)
    await unindex(connection, channel_id, hers)
    for statement in (_EMPTY, _CANCEL, _UNFINISH, _DIRTY):
        await connection.execute(statement, key)
    names = " ".join({row.author_name for row in rows})
    return {row.seq for row in rows}, words - terms(names).keys()


_EDIT = sa.text("""
    WITH former AS (
        SELECT seq, tokens, text FROM message
        WHERE channel_id = :channel AND external_id = :id AND NOT deleted AND text <> :text
    ), moved AS (
        UPDATE channel SET epoch = epoch + 1, window_tokens = window_tokens +
            CASE WHEN former.seq > watermark THEN :tokens - former.tokens ELSE 0 END
        FROM former WHERE id = :channel
    )
    UPDATE message m SET text = :text, tokens = :tokens FROM former
    WHERE m.channel_id = :channel AND m.seq = former.seq
    RETURNING m.seq, m.author_name, former.text AS former
""")

_EXPIRED = sa.text("""
    SELECT c.id, array_agg(old.seq ORDER BY old.seq) AS seqs
    FROM channel c CROSS JOIN LATERAL (
        SELECT seq FROM message
        WHERE channel_id = c.id AND NOT deleted
        AND said_at < now() - make_interval(days => coalesce(c.retention, :days))
        ORDER BY seq LIMIT :limit
    ) old WHERE coalesce(c.retention, :days) > 0
    GROUP BY c.id
""")

_SEQ = sa.text("SELECT seq FROM message WHERE channel_id = :channel AND external_id = :id")

# Her answers to these messages, and her answers made from them.
_RESTING = sa.text("""
    SELECT seq FROM message
    WHERE channel_id = :channel AND rests_on && CAST(:seqs AS bigint[]) AND rests_on IS NOT NULL
    AND NOT deleted
""")

_SAID = sa.text("""
    SELECT seq, author_name, nellie, CASE WHEN :texts THEN text ELSE '' END AS text FROM message
    WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[])) AND NOT deleted
""")

# Her later answers that hold a word which, of all people, only the forgotten messages held: what
# she was shown of the window or of the digest, she may have cited too. OFFSET 0 makes Postgres look
# the terms up one by one, also where it has no statistics yet.
_CITING = sa.text("""
    WITH lost AS MATERIALIZED (
        SELECT term FROM unnest(CAST(:terms AS text[])) AS asked(term)
        WHERE NOT EXISTS (
            SELECT FROM posting p WHERE p.channel_id = :channel AND p.term = asked.term
            AND NOT (SELECT nellie FROM message WHERE channel_id = :channel AND seq = p.seq)
            OFFSET 0)
    )
    SELECT DISTINCT found.seq FROM lost CROSS JOIN LATERAL (
        SELECT p.seq FROM posting p
        WHERE p.channel_id = :channel AND p.term = lost.term AND p.seq > :first
        AND (SELECT nellie FROM message WHERE channel_id = :channel AND seq = p.seq)
        OFFSET 0
    ) found
""")

_EMPTY = sa.text("""
    WITH gone AS (
        SELECT seq, tokens FROM message
        WHERE channel_id = :channel AND seq = ANY(:seqs) AND NOT deleted
    ), moved AS (
        UPDATE channel SET epoch = epoch + 1, forgotten = forgotten + 1,
            window_tokens = window_tokens -
            (SELECT coalesce(sum(tokens) FILTER (WHERE seq > watermark), 0) FROM gone)
        WHERE id = :channel AND EXISTS (SELECT FROM gone)
    )
    UPDATE message m
    SET text = '', author_id = '', author_name = '', link = '', tokens = 0, rests_on = NULL,
        deleted = true
    FROM gone WHERE m.channel_id = :channel AND m.seq = gone.seq
""")

_CANCEL = sa.text("""
    UPDATE turn SET text = NULL, question = NULL, finished_at = coalesce(finished_at, now()),
        state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' ELSE state END
    WHERE channel_id = :channel AND trigger_seq = ANY(:seqs)
""")

# An answer that waits to be delivered may hold what was just taken back: it is made again.
_UNFINISH = sa.text("""
    UPDATE turn SET text = NULL
    WHERE channel_id = :channel AND state = 'running' AND text IS NOT NULL
""")

_DIRTY = sa.text("""
    WITH touched AS (
        UPDATE segment SET dirty = true
        WHERE channel_id = :channel AND NOT dirty AND EXISTS (
            SELECT FROM unnest(CAST(:seqs AS bigint[])) s WHERE s BETWEEN first_seq AND last_seq)
        RETURNING first_seq
    )
    UPDATE digest SET dirty = true
    WHERE channel_id = :channel AND EXISTS (
        SELECT FROM unnest(CAST(:seqs AS bigint[])) s WHERE s BETWEEN first_seq AND last_seq)
""")

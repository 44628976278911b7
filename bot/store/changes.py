"""Edits and deletions: what was said changes together with everything that rests on it."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.messages import LOCK, Stored, add, postings


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
            await _index_again(connection, channel_id, row.seq, f"{row.author_name} {text}")
            await connection.execute(_DIRTY, {"channel": channel_id, "seqs": [row.seq]})
            return True

    async def forget(self, channel_id: int, seqs: Sequence[int]) -> int:
        """Empty messages and every answer that rests on them; returns how many were asked for."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            return await _forget(connection, channel_id, seqs)

    async def forget_id(self, channel_id: int, stub: Stored) -> None:
        """Forget by the platform's id; one never seen is kept out should it come later."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            key = {"channel": channel_id, "id": stub.message.id}
            seq = await connection.scalar(_SEQ, key)
            if seq is None:
                seq = (await add(connection, channel_id, [stub]))[stub.message.id]
            await _forget(connection, channel_id, [seq])


async def _forget(connection: AsyncConnection, channel_id: int, seqs: Sequence[int]) -> int:
    """Empty the messages and what rests on them, inside a transaction that holds the channel."""
    rows = await connection.execute(_RESTING, {"channel": channel_id, "seqs": list(seqs)})
    every = sorted({*seqs, *rows.scalars()})
    key = {"channel": channel_id, "seqs": every}
    gone = await connection.execute(_EMPTY, key)
    await connection.execute(_UNINDEX, key)
    await connection.execute(_CANCEL, key)
    await connection.execute(_DIRTY, key)
    return len(set(gone.scalars()) & set(seqs))


async def _index_again(connection: AsyncConnection, channel_id: int, seq: int, text: str) -> None:
    await connection.execute(_UNINDEX, {"channel": channel_id, "seqs": [seq]})
    found = postings(text)
    key = {"channel": channel_id, "seq": seq, "length": found["length"]}
    await connection.execute(_INDEX, {**key, "terms": json.dumps(found["terms"])})


_EDIT = sa.text("""
    WITH old AS (
        SELECT seq, tokens FROM message
        WHERE channel_id = :channel AND external_id = :id AND NOT deleted AND text <> :text
    ), moved AS (
        UPDATE channel SET epoch = epoch + 1, window_tokens = window_tokens +
            CASE WHEN old.seq > watermark THEN :tokens - old.tokens ELSE 0 END
        FROM old WHERE id = :channel
    )
    UPDATE message m SET text = :text, tokens = :tokens FROM old
    WHERE m.channel_id = :channel AND m.seq = old.seq RETURNING m.seq, m.author_name
""")

_SEQ = sa.text("SELECT seq FROM message WHERE channel_id = :channel AND external_id = :id")

# Her answers to these messages, and her answers made from them.
_RESTING = sa.text("""
    SELECT seq FROM message
    WHERE channel_id = :channel AND rests_on && CAST(:seqs AS bigint[]) AND rests_on IS NOT NULL
    AND NOT deleted
""")

_EMPTY = sa.text("""
    WITH gone AS (
        SELECT seq, tokens FROM message
        WHERE channel_id = :channel AND seq = ANY(:seqs) AND NOT deleted
    ), moved AS (
        UPDATE channel SET epoch = epoch + 1, window_tokens = window_tokens -
            (SELECT coalesce(sum(tokens) FILTER (WHERE seq > watermark), 0) FROM gone)
        WHERE id = :channel
    )
    UPDATE message m
    SET text = '', author_id = '', author_name = '', link = '', tokens = 0, rests_on = NULL,
        deleted = true
    FROM gone WHERE m.channel_id = :channel AND m.seq = gone.seq RETURNING m.seq
""")

_UNINDEX = sa.text("DELETE FROM posting WHERE channel_id = :channel AND seq = ANY(:seqs)")

_INDEX = sa.text("""
    INSERT INTO posting (channel_id, term, seq, count, length)
    SELECT :channel, key, :seq, CAST(value AS smallint), CAST(:length AS smallint)
    FROM json_each_text(CAST(:terms AS json))
""")

_CANCEL = sa.text("""
    UPDATE turn SET text = NULL, question = NULL, finished_at = coalesce(finished_at, now()),
        state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' ELSE state END
    WHERE channel_id = :channel AND trigger_seq = ANY(:seqs)
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

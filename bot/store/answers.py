"""Answers, besides being given: found, stopped, made again, rated."""

from dataclasses import dataclass

import sqlalchemy as sa

from bot.conversation import Turn
from bot.store.adding import LOCK
from bot.store.changes import empty
from bot.store.channels import STATE, state
from bot.store.database import Database
from bot.store.presence import STOPPING
from bot.store.turns import CLAIMED, IF_IDLE, TURN, Lease, turn_of


@dataclass(frozen=True, slots=True)
class Reopened:
    """A turn that is owed once more."""

    lease: Lease | None
    """Set when the lane was idle: it is this replica's to run, now."""


class Answers:
    """The turns table, as people come back to it."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease

    async def stop(self, turn_id: int) -> None:
        """Tell every replica that this turn is to be stopped."""
        async with self._database.single() as connection:
            await connection.execute(_STOP, {"channel": STOPPING, "turn": str(turn_id)})

    async def get(self, turn_id: int) -> Turn | None:
        """A turn, also one that has ended; None for one that was never opened."""
        async with self._database.single() as connection:
            row = (await connection.execute(_GET, {"turn": turn_id})).one_or_none()
        return None if row is None else turn_of(row, state(row).channel)

    async def running(self, channel_id: int, thread: str) -> int | None:
        """The turn that is being answered in a thread, or to the message that began it."""
        async with self._database.single() as connection:
            key = {"channel": channel_id, "thread": thread}
            turn: int | None = await connection.scalar(_RUNNING, key)
            return turn

    async def again(self, turn_id: int, *, owner: int) -> Reopened | None:
        """Owe an answer once more, and forget what was remembered of the former one.

        None when the turn has not ended, was answered, or its question was taken back.
        """
        async with self._database.begin() as connection:
            where = (await connection.execute(_WHERE, {"turn": turn_id})).one_or_none()
            if where is None:
                return None
            key = {"channel": where.channel_id, "turn": turn_id, "lane": where.lane}
            await connection.execute(LOCK, key)
            claim = {**key, "owner": owner, "lease": self._lease}
            reopened = (await connection.execute(_REOPEN, claim)).one_or_none()
            if reopened is None:
                return None
            former = (await connection.execute(_FORMER, key)).scalars().all()
            await empty(connection, where.channel_id, former)
        lease = Lease(where.channel_id, where.lane, owner, reopened.epoch)
        return Reopened(None if reopened.epoch is None else lease)

    async def rate(self, turn_id: int, author_id: str, *, good: bool) -> None:
        """Keep a person's opinion of an answer."""
        async with self._database.single() as connection:
            await connection.execute(_RATE, {"turn": turn_id, "author": author_id, "good": good})


_STOP = sa.text("SELECT pg_notify(:channel, :turn)")

_GET = sa.text(f"""
    SELECT {TURN}, {STATE}
    FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    JOIN channel c ON c.id = t.channel_id WHERE t.id = :turn
""")  # noqa: S608  # only our own constants are put in

_RUNNING = sa.text("""
    SELECT t.id FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    WHERE t.channel_id = :channel AND t.state = 'running' AND :thread IN (m.thread, m.external_id)
    ORDER BY t.trigger_seq LIMIT 1
""")

_WHERE = sa.text("SELECT channel_id, lane FROM turn WHERE id = :turn")

_REOPEN = sa.text(f"""
    WITH reopened AS (
        UPDATE turn SET state = 'waiting', attempts = 0, error = NULL, finished_at = NULL
        WHERE id = :turn AND (state = 'failed' OR state = 'done' AND error = 'Stopped')
        AND EXISTS (SELECT FROM message WHERE channel_id = :channel AND seq = turn.trigger_seq
                    AND NOT deleted)
        RETURNING id
    ), mine AS (
        {CLAIMED} FROM reopened {IF_IDLE}
    )
    SELECT mine.epoch FROM reopened LEFT JOIN mine ON true
""")  # noqa: S608  # only our own constants are put in

# The new answer will take the id of the former one.
_FORMER = sa.text("""
    UPDATE message m SET external_id = format('%s (replaced, %s)', m.external_id, m.seq)
    FROM turn t WHERE t.id = :turn AND m.channel_id = :channel AND m.nellie
    AND m.external_id = ANY(t.posted || format('turn:%s', t.id))
    RETURNING m.seq
""")

_RATE = sa.text("""
    INSERT INTO rating (channel_id, turn_id, author_id, good)
    SELECT channel_id, id, :author, :good FROM turn WHERE id = :turn
    ON CONFLICT (channel_id, turn_id, author_id) DO UPDATE SET good = excluded.good, at = now()
""")

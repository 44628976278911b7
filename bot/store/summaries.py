"""Segments, digest and ledger: the derived layer, which can always be made again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import Segment, Statement, Usage
from bot.store.adding import LOCK
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.tables import LedgerRow, SegmentRow
from bot.store.usage import record


@dataclass(frozen=True, slots=True)
class Compacted:
    """A compaction, ready to be committed."""

    segments: tuple[Segment, ...]
    digest: str | None
    """The new digest; None leaves the former one as it is."""
    messages: int
    tokens_before: int
    model: str
    usage: tuple[Usage, ...] = ()
    flagged: int = 0
    """Statements left out because something in them was never said."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One compaction, as /memory log shows it."""

    at: datetime
    first: int
    last: int
    messages: int
    tokens_before: int
    tokens_after: int
    model: str
    rebuilt: bool
    flagged: int


class Summaries:
    """What stands for old messages in the prompt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(self, state: ChannelState, done: Compacted) -> bool:
        """Move the watermark over the new segments; False when the channel changed meanwhile."""
        last = done.segments[-1].last
        async with self._database.begin() as connection:
            # First the lock, then the sum: what is being said now would be left out of it.
            await connection.execute(LOCK, {"channel": state.id})
            moved = await connection.execute(
                _MOVE,
                {
                    "channel": state.id,
                    "watermark": state.watermark,
                    "epoch": state.epoch,
                    "last": last,
                },
            )
            if moved.rowcount != 1:
                return False
            await self._store(connection, state, done, rebuilt=False)
        return True

    async def recommit(self, state: ChannelState, done: Compacted) -> bool:
        """Put rebuilt segments and digest in the place of dirty ones; False when it changed."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": state.id})
            key = {"channel": state.id, "epoch": state.epoch}
            if (await connection.execute(_TOUCH, key)).rowcount != 1:
                return False
            for segment in done.segments:
                await connection.execute(
                    _DROP,
                    {"channel": state.id, "first": segment.first, "last": segment.last},
                )
            await self._store(connection, state, done, rebuilt=True)
        return True

    async def _store(
        self, connection: AsyncConnection, state: ChannelState, done: Compacted, *, rebuilt: bool
    ) -> None:
        if done.segments:
            await connection.execute(
                sa.insert(SegmentRow), [_segment_row(state.id, one) for one in done.segments]
            )
            await connection.execute(
                sa.insert(LedgerRow), [_ledger_row(state.id, done, rebuilt=rebuilt)]
            )
        await record(connection, state.id, done.usage, "compaction")
        if done.digest is not None:
            await connection.execute(_SET_DIGEST, {"channel": state.id, "text": done.digest})

    async def postpone(self, channel_id: int, seconds: float, most: float) -> None:
        """Leave a channel alone after a compaction that failed, each time for twice as long.

        `most` is the longest; the first time comes again after a success.
        """
        key = {"channel": channel_id, "seconds": seconds, "most": most}
        async with self._database.begin() as connection:
            await connection.execute(_POSTPONE, key)

    async def segments(self, channel_id: int) -> list[tuple[Segment, bool]]:
        """All segments, oldest first, each with whether it is dirty."""
        async with self._database.single() as connection:
            rows = await connection.execute(_SEGMENTS, {"channel": channel_id})
            return [(_segment(row), row.dirty) for row in rows]

    async def digest(self, channel_id: int) -> str:
        """The digest as prompts show it: empty while anything below it is dirty."""
        async with self._database.single() as connection:
            return str(await connection.scalar(_DIGEST, {"channel": channel_id}) or "")

    async def ledger(self, channel_id: int, *, limit: int) -> list[LedgerLine]:
        """The newest compactions, newest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(_LEDGER, {"channel": channel_id, "limit": limit})
            return [LedgerLine(*row) for row in rows]

    async def due(self, *, high: int, cold: int) -> list[int]:
        """Channels whose window is over its mark, or cold and long; the longest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(_DUE, {"high": high, "cold": cold})
            return list(rows.scalars())

    async def dirty(self) -> list[int]:
        """Channels with a segment or a digest to make again."""
        async with self._database.single() as connection:
            return list((await connection.execute(_DIRTY_CHANNELS)).scalars())

    async def doubt(self, channel_id: int) -> int:
        """Hide all segments and the digest until they are made again; returns how many segments."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            return int(await connection.scalar(_DOUBT, {"channel": channel_id}) or 0)

    async def reset(self, channel_id: int) -> None:
        """Throw all segments and the digest away: the window starts at the first message again."""
        async with self._database.begin() as connection:
            await connection.execute(LOCK, {"channel": channel_id})
            for statement in _RESET:
                await connection.execute(statement, {"channel": channel_id})


def _segment_row(channel_id: int, segment: Segment) -> dict[str, object]:
    return {
        "channel_id": channel_id,
        "first_seq": segment.first,
        "last_seq": segment.last,
        "statements": [
            {"text": s.text, "sources": list(s.sources), "kind": s.kind} for s in segment.statements
        ],
        "participants": list(segment.participants),
        "began": segment.began,
        "ended": segment.ended,
        "tokens": segment.tokens,
        "dirty": False,
    }


def _ledger_row(channel_id: int, done: Compacted, *, rebuilt: bool) -> dict[str, object]:
    return {
        "channel_id": channel_id,
        "first_seq": done.segments[0].first,
        "last_seq": done.segments[-1].last,
        "messages": done.messages,
        "tokens_before": done.tokens_before,
        "tokens_after": sum(segment.tokens for segment in done.segments),
        "model": done.model,
        "input_tokens": sum(usage.input for usage in done.usage),
        "output_tokens": sum(usage.output for usage in done.usage),
        "rebuilt": rebuilt,
        "flagged": done.flagged,
    }


def _segment(row: sa.Row[tuple[object, ...]]) -> Segment:
    return Segment(
        row.first_seq,
        row.last_seq,
        tuple(map(_statement, row.statements)),
        tuple(row.participants),
        row.began,
        row.ended,
        row.tokens,
    )


def _statement(kept: dict[str, Any]) -> Statement:
    return Statement(kept["text"], tuple(kept["sources"]), kept.get("kind", "fact"))


# The epoch moves with every edit, deletion and persona: what was summarized is then no longer
# what was said, and the work is done again.
_MOVE = sa.text("""
    UPDATE channel SET watermark = :last, epoch = epoch + 1, compact_after = NULL, failures = 0,
        window_tokens = (SELECT coalesce(sum(tokens), 0) FROM message
                         WHERE channel_id = :channel AND seq > :last AND NOT deleted)
    WHERE id = :channel AND watermark = :watermark AND epoch = :epoch
""")

_TOUCH = sa.text("""
    UPDATE channel SET epoch = epoch + 1, failures = 0 WHERE id = :channel AND epoch = :epoch
""")

_DROP = sa.text("""
    DELETE FROM segment
    WHERE channel_id = :channel AND first_seq >= :first AND last_seq <= :last
""")

_SET_DIGEST = sa.text("""
    INSERT INTO digest (channel_id, text, first_seq, last_seq)
    SELECT :channel, :text, min(first_seq), max(last_seq) FROM segment
    WHERE channel_id = :channel HAVING count(*) > 0
    ON CONFLICT (channel_id) DO UPDATE
    SET text = excluded.text, first_seq = excluded.first_seq, last_seq = excluded.last_seq,
        dirty = false
""")

_POSTPONE = sa.text("""
    UPDATE channel SET failures = failures + 1, compact_after = now() + make_interval(
        secs => least(:most, :seconds * power(2, least(failures, 30))))
    WHERE id = :channel
""")

_SEGMENTS = sa.text("SELECT * FROM segment WHERE channel_id = :channel ORDER BY first_seq")

_DIGEST = sa.text("SELECT text FROM digest WHERE channel_id = :channel AND NOT dirty")

_LEDGER = sa.text("""
    SELECT at, first_seq, last_seq, messages, tokens_before, tokens_after, model, rebuilt,
           flagged
    FROM ledger WHERE channel_id = :channel ORDER BY id DESC LIMIT :limit
""")

_DUE = sa.text("""
    SELECT id FROM channel
    WHERE (window_tokens > :high
           OR (window_tokens > :cold AND last_at < now() - interval '1 hour'))
    AND coalesce(compact_after, '-infinity') < now()
    ORDER BY window_tokens DESC LIMIT 100
""")

_DIRTY_CHANNELS = sa.text("""
    SELECT id FROM channel c
    WHERE (EXISTS (SELECT FROM segment s WHERE s.channel_id = c.id AND s.dirty)
           OR EXISTS (SELECT FROM digest d WHERE d.channel_id = c.id AND d.dirty))
    AND coalesce(compact_after, '-infinity') < now()
""")

# With a new epoch, so that no prompt goes on with the digest that it knows.
_DOUBT = sa.text("""
    WITH doubted AS (
        UPDATE segment SET dirty = true WHERE channel_id = :channel RETURNING 1
    ), hidden AS (
        UPDATE digest SET dirty = true WHERE channel_id = :channel
    ), moved AS (
        UPDATE channel SET epoch = epoch + 1, compact_after = NULL, failures = 0
        WHERE id = :channel AND EXISTS (SELECT FROM doubted)
    )
    SELECT count(*) FROM doubted
""")

_RESET = (
    sa.text("DELETE FROM segment WHERE channel_id = :channel"),
    sa.text("DELETE FROM digest WHERE channel_id = :channel"),
    sa.text("""
        UPDATE channel SET watermark = 0, epoch = epoch + 1,
            window_tokens = (SELECT coalesce(sum(tokens), 0) FROM message
                             WHERE channel_id = :channel AND NOT deleted)
        WHERE id = :channel
    """),
)

"""Segments, digest and ledger: the derived layer, which can always be made again."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model import Segment, Statement, Usage
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load
from bot.store.usage import record

_SQL = load("summaries")


@dataclass(frozen=True, slots=True, kw_only=True)
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
    late: bool = False
    """Made of what came in behind the window: the watermark stays where it is."""

    @property
    def last(self) -> int:
        """The highest number that is summarized."""
        return max(segment.last for segment in self.segments)

    @property
    def seqs(self) -> list[int]:
        """The numbers of all messages that are summarized."""
        return [seq for segment in self.segments for seq in segment.numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
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

    async def commit(self, state: ChannelState, compacted: Compacted) -> bool:
        """Let the window begin after the new segments; False when the channel changed meanwhile.

        What has come in since it was read, and was said before the window now begins, is late.
        """
        key: dict[str, object] = {
            "channel": state.id,
            "watermark": state.watermark,
            "epoch": state.epoch,
        }
        covered: dict[str, object] = {"channel": state.id, "seqs": compacted.seqs}
        async with self._database.begin() as connection:
            # First the lock, then the sum: what is being said now would be left out of it.
            await lock_channel(connection, state.id)
            moved = (
                (_SQL.finish_late, key)
                if compacted.late
                else (_SQL.move_watermark, {**key, **covered, "last": compacted.last})
            )
            if (await connection.execute(*moved)).rowcount != 1:
                return False
            await connection.execute(_SQL.unmark_late, covered)
            await connection.execute(_SQL.mark_late, {**covered, "read": state.seq})
            await connection.execute(_SQL.count_tokens, {"channel": state.id})
            await self._store(connection, state, compacted, rebuilt=False)
        return True

    async def follow_watermark(self, channel_id: int) -> None:
        """Let the window begin where a replica of an older version has compacted to, if one did."""
        key = {"channel": channel_id}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            watermark = await connection.scalar(_SQL.follow_watermark, key)
            if watermark is not None:
                await connection.execute(_SQL.mark_late, {**key, "read": watermark, "seqs": []})
                await connection.execute(_SQL.count_tokens, key)

    async def recommit(self, state: ChannelState, compacted: Compacted) -> bool:
        """Put rebuilt segments and digest in the place of dirty ones; False when it changed."""
        values = {"channel": state.id, "epoch": state.epoch}
        async with self._database.begin() as connection:
            await lock_channel(connection, state.id)
            if (await connection.execute(_SQL.raise_epoch, values)).rowcount != 1:
                return False
            for segment in compacted.segments:
                replaced = {"channel": state.id, "first": segment.first}
                await connection.execute(_SQL.delete_segment, replaced)
            await self._store(connection, state, compacted, rebuilt=True)
        return True

    async def _store(
        self,
        connection: AsyncConnection,
        state: ChannelState,
        compacted: Compacted,
        *,
        rebuilt: bool,
    ) -> None:
        if compacted.segments:
            segments = [_to_segment_row(state.id, segment) for segment in compacted.segments]
            await connection.execute(_SQL.add_segment, segments)
            entry = _to_ledger_row(state.id, compacted, rebuilt=rebuilt)
            await connection.execute(_SQL.add_to_ledger, entry)
        await record(connection, state.id, compacted.usage, "compaction")
        if compacted.digest is not None:
            values = {"channel": state.id, "text": compacted.digest}
            await connection.execute(_SQL.set_digest, values)

    async def postpone(self, channel_id: int, seconds: float, most: float) -> None:
        """Leave a channel alone after a compaction that failed, each time for twice as long.

        `most` is the longest; the first time comes again after a success.
        """
        values = {"channel": channel_id, "seconds": seconds, "most": most}
        async with self._database.begin() as connection:
            await connection.execute(_SQL.postpone, values)

    async def segments(self, channel_id: int) -> list[tuple[Segment, bool]]:
        """All segments in the order of time, each with whether it is dirty."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_segments, {"channel": channel_id})
            return [(to_segment(row), row.dirty) for row in rows]

    async def count_segments(self, channel_id: int) -> int:
        """How many segments a channel has."""
        async with self._database.autocommit() as connection:
            return int(await connection.scalar(_SQL.count_segments, {"channel": channel_id}) or 0)

    async def digest(self, channel_id: int) -> str:
        """The digest as prompts show it: empty while anything below it is dirty."""
        async with self._database.autocommit() as connection:
            return str(await connection.scalar(_SQL.get_digest, {"channel": channel_id}) or "")

    async def ledger(self, channel_id: int, *, limit: int) -> list[LedgerLine]:
        """The newest compactions, newest first."""
        values = {"channel": channel_id, "limit": limit}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_ledger, values)
            return [LedgerLine(**row) for row in rows.mappings()]

    async def due_channels(self, *, high: int, cold: int) -> list[int]:
        """Channels whose window is over its mark, or cold and long; the longest first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"high": high, "cold": cold})
            return list(rows.scalars())

    async def dirty_channels(self) -> list[int]:
        """Channels with a segment or a digest to make again."""
        async with self._database.autocommit() as connection:
            return list((await connection.execute(_SQL.find_dirty)).scalars())

    async def mark_all_dirty(self, channel_id: int) -> int:
        """Hide all segments and the digest until they are made again; returns how many segments."""
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            return int(await connection.scalar(_SQL.mark_all_dirty, {"channel": channel_id}) or 0)

    async def reset(self, channel_id: int) -> None:
        """Throw all segments and the digest away: the window starts at the first message again."""
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await connection.execute(_SQL.unmark_late, {"channel": channel_id, "seqs": None})
            for sql in (
                _SQL.delete_segments,
                _SQL.delete_digest,
                _SQL.reset_watermark,
                _SQL.count_tokens,
            ):
                await connection.execute(sql, {"channel": channel_id})


def _to_segment_row(channel_id: int, segment: Segment) -> dict[str, object]:
    return {
        "channel_id": channel_id,
        "first_seq": segment.first,
        "last_seq": segment.last,
        "statements": json.dumps(
            [
                {"text": one.text, "sources": list(one.sources), "kind": one.kind}
                for one in segment.statements
            ]
        ),
        "participants": list(segment.participants),
        "began": segment.began,
        "ended": segment.ended,
        "tokens": segment.tokens,
        "seqs": list(segment.seqs) or None,
    }


def _to_ledger_row(channel_id: int, compacted: Compacted, *, rebuilt: bool) -> dict[str, object]:
    return {
        "channel_id": channel_id,
        "first_seq": min(segment.first for segment in compacted.segments),
        "last_seq": compacted.last,
        "messages": compacted.messages,
        "tokens_before": compacted.tokens_before,
        "tokens_after": sum(segment.tokens for segment in compacted.segments),
        "model": compacted.model,
        "input_tokens": sum(usage.input for usage in compacted.usage),
        "output_tokens": sum(usage.output for usage in compacted.usage),
        "rebuilt": rebuilt,
        "flagged": compacted.flagged,
    }


def to_segment(row: sa.Row[tuple[Any, ...]]) -> Segment:
    return Segment(
        first=row.first_seq,
        last=row.last_seq,
        statements=tuple(map(_to_statement, row.statements)),
        participants=tuple(row.participants),
        began=row.began,
        ended=row.ended,
        tokens=row.tokens,
        seqs=tuple(row.seqs or ()),
    )


def _to_statement(kept: dict[str, Any]) -> Statement:
    return Statement(kept["text"], tuple(kept["sources"]), kept.get("kind", "fact"))

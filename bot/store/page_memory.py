"""What is remembered of a channel, as the page shows it: a stretch of time at a time."""

from datetime import datetime

from bot.domain.model import Channel, Message, Segment
from bot.store.channels import ChannelState, to_state
from bot.store.database import Database
from bot.store.messages import Moment, to_message
from bot.store.sql_files import load
from bot.store.summaries import to_segment

_SQL = load("page_memory")

SEGMENTS = 100  # summaries of one stretch that are read
LAST = 2**63 - 1  # no message has this number


class PageMemory:
    """Messages and segments by time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def channels(self, platform: str) -> dict[Channel, int]:
        """The channels of a platform that Nellie is in, with their rows; the busiest first."""
        rows = await self._database.fetch(_SQL.get_channels, {"platform": platform})
        return {
            Channel(platform, row.workspace, row.external_id, row.name, row.direct): row.id
            for row in rows
        }

    async def channel(self, channel_id: int) -> tuple[ChannelState, int | None] | None:
        """A channel, and its own retention in days; None where she is not."""
        rows = await self._database.fetch(_SQL.get_channel, {"channel": channel_id})
        return (to_state(rows[0]), rows[0].retention) if rows else None

    async def stretch(
        self, channel: Channel, channel_id: int, before: Moment | None, *, limit: int
    ) -> list[Message]:
        """What was said before a moment, or lately; the newest first."""
        at, seq = before or (None, LAST)
        values = {"channel": channel_id, "at": at, "seq": seq, "limit": limit}
        rows = await self._database.fetch(_SQL.get_stretch, values)
        return [to_message(row, channel) for row in rows]

    async def moment(self, channel_id: int, seq: int) -> Moment | None:
        """When a message was said, also one that was forgotten since."""
        rows = await self._database.fetch(_SQL.get_moment, {"channel": channel_id, "seq": seq})
        return (rows[0].said_at, rows[0].seq) if rows else None

    async def later_moment(self, channel_id: int, moment: Moment, *, skip: int) -> Moment | None:
        """So many messages later; None where it is not so many."""
        at, seq = moment
        values = {"channel": channel_id, "at": at, "seq": seq, "skip": skip}
        rows = await self._database.fetch(_SQL.get_later_moment, values)
        return (rows[0].said_at, rows[0].seq) if rows else None

    async def segments(
        self, channel_id: int, start: datetime | None, end: datetime | None
    ) -> list[tuple[Segment, bool]]:
        """The summaries that end in a time, the newest first, each with whether it is dirty."""
        values = {"channel": channel_id, "start": start, "end": end, "limit": SEGMENTS}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_segments, values)
            return [(to_segment(row), row.dirty) for row in rows]

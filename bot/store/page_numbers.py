"""Counts and sums by day, for the page: of some channels, or of all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load

_SQL = load("page_numbers")

BUSIEST = 10  # channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows as they were counted, each with its `day` where it is of one."""

    turns: Sequence[Row]
    ratings: Sequence[Row]
    usage: Sequence[Row]
    """By day and model."""
    by_channel: Sequence[Row]
    sums: Row


class PageNumbers:
    """Turns, usage and ratings, counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, channel_ids: Collection[int] | None, start: datetime) -> Counted:
        """Since a moment; None means all channels."""
        channels = None if channel_ids is None else [*channel_ids]
        values = {"channels": channels, "start": start}
        fetch = self._database.fetch
        return Counted(
            turns=await fetch(_SQL.count_turns, values),
            ratings=await fetch(_SQL.count_ratings, values),
            usage=await fetch(_SQL.sum_usage, values),
            by_channel=await fetch(_SQL.count_by_channel, {**values, "most": BUSIEST}),
            sums=(await fetch(_SQL.sum_up, values))[0],
        )

"""Counts and sums by day, channel and person, for the page: of some channels, or of all."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.domain.page import Unsummarized
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load

_SQL = load("page_numbers")

WINDOWS = 20  # of which it is looked for how long they wait for a summary, the fullest first
DEEPEST = 3_000  # messages of each that are read for it

Chosen = Collection[int] | None
"""Rows of channels; None means all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows as they were counted, each with its `day` where it is of one."""

    turns: Sequence[Row]
    """By day, and by channel."""
    ratings: Sequence[Row]
    usage: Sequence[Row]
    """By model, and `kind`: by day, by channel, by person."""
    first_texts: Sequence[Row]
    whole: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What is not done yet."""

    waiting: int
    running: int
    files: int


class PageNumbers:
    """Turns, usage and ratings, counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, channels: Chosen, start: datetime) -> Counted:
        """Since a moment, over three connections: the days of a quarter take a while."""
        values = {"channels": _listed(channels), "start": start}

        async def fetch(*statements: sa.TextClause) -> list[list[Row]]:
            return [await self._database.fetch(statement, values) for statement in statements]

        [turns, whole], [usage, ratings], [first_texts] = await asyncio.gather(
            fetch(_SQL.count_turns, _SQL.find_whole),
            fetch(_SQL.sum_usage, _SQL.count_ratings),
            fetch(_SQL.spread_first_texts),
        )
        return Counted(
            turns=turns,
            ratings=ratings,
            usage=usage,
            first_texts=first_texts,
            whole=whole[0].median,
        )

    async def sizes(self, channels: Chosen) -> tuple[int, int]:
        """How many channels there are, and how many messages came in there."""
        rows = await self._database.fetch(_SQL.sum_up, {"channels": _listed(channels)})
        return rows[0].channels, rows[0].heard

    async def names(self, seen_in: Mapping[str, int]) -> Mapping[str, str]:
        """What people were called last, by their ids; given with a channel where each asked."""
        values = {"people": [*seen_in], "seen_in": [*seen_in.values()]}
        rows = await self._database.fetch(_SQL.find_names, values)
        return {row.person: row.name for row in rows if row.name}

    async def open(self, channels: Chosen) -> Open:
        """What waits and runs now."""
        rows = await self._database.fetch(_SQL.count_open, {"channels": _listed(channels)})
        return Open(**dict(rows[0].items()))

    async def unsummarized(self, channels: Chosen, *, high: int) -> Unsummarized:
        """What is over the mark at which summarizing is due."""
        limits = {"high": high, "windows": WINDOWS, "most": DEEPEST}
        values = {"channels": _listed(channels), **limits}
        rows = await self._database.fetch(_SQL.sum_unsummarized, values)
        return Unsummarized(**dict(rows[0].items()))


def _listed(channels: Chosen) -> list[int] | None:
    return None if channels is None else [*channels]

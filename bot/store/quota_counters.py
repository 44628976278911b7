"""Questions, counted over all replicas: what rate limits are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.model import Turn
from bot.store.database import Database
from bot.store.reservations import midnight
from bot.store.sql_files import load

_SQL = load("quota_counters")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many questions within so many seconds, of one person or in one channel."""

    limit: str
    count: int
    seconds: int
    per_person: bool
    """Of the person who asks; else of the channel."""


class QuotaCounters:
    """Questions, counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reached_limit(
        self, rates: Sequence[RateLimit], *, turn: int = 0, asked: int = 0
    ) -> tuple[RateLimit, float] | None:
        """The first of these limits that was reached before this turn, or what `add` counted.

        With the seconds to wait. A question that was itself turned away does not count.
        """
        values = {
            "turn": turn,
            "asked": asked,
            "counts": [rate.count for rate in rates],
            "seconds": [rate.seconds for rate in rates],
            "per_person": [rate.per_person for rate in rates],
        }
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.find_reached, values)).first()
        return None if row is None else (rates[row.number - 1], max(1.0, row.wait))

    async def add(self, channel_id: int, payer: str) -> int:
        """Count a command that calls a model as a question; returns what takes it back."""
        async with self._database.autocommit() as connection:
            values = {"channel": channel_id, "payer": payer}
            return int(await connection.scalar(_SQL.add, values))

    async def remove(self, asked: int) -> None:
        """It was turned away, so it does not count."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.remove, {"asked": asked})

    async def forget_people(self) -> None:
        """Let go of who asked an hour ago, and of who paid before today."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.forget_askers)
            await connection.execute(_SQL.forget_payers, {"day": midnight()})

    async def questions_ahead(self, turn: Turn) -> int:
        """How many questions of its lane still waited for their answer when this one was asked."""
        [(count,)] = await self._database.fetch(_SQL.count_ahead, {"turn": turn.id})
        return int(count)


class UnkeptCounters(QuotaCounters):
    """The same where nothing may be written: commands are not counted."""

    async def add(self, channel_id: int, payer: str) -> int:
        """Count nothing."""
        return 0

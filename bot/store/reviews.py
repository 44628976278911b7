"""Reviews: what of the past is looked at again, and what of it is missing on its platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.standing import Place, Standing
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("reviews")


@dataclass(frozen=True, slots=True)
class Missing:
    """A message that is remembered, and stands on its platform no more."""

    seq: int
    id: str


class Reviews:
    """How far each channel was reviewed, and what there is to compare."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor(self, channel_id: int) -> tuple[int, datetime | None]:
        """A channel's newest number, and up to when it was reviewed thoroughly, if ever."""
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get_cursor, {"channel": channel_id})).one()
        return row.seq, row.reviewed_until

    async def set_reviewed_until(self, channel_id: int, until: datetime) -> None:
        """All places of a channel were reviewed thoroughly, up to this moment."""
        values = {"channel": channel_id, "until": until}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.set_reviewed_until, values)

    async def places(
        self, channel_id: int, *, since: datetime, newest: int, threads: int
    ) -> list[Place]:
        """Where something was said since then, of the numbers up to `newest`.

        The top level first, then so many threads at the most.
        """
        values = {"channel": channel_id, "since": since, "newest": newest, "threads": threads}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_places, values)
            return [Place(row.thread, row.first, row.last) for row in rows]

    async def missing(
        self, channel_id: int, standing: Standing, *, newest: int
    ) -> Sequence[Missing]:
        """What is remembered of a span, of the numbers up to `newest`, and stands there no more."""
        place = standing.place
        values = {
            "channel": channel_id,
            "thread": place.thread,
            "first": place.first,
            "last": place.last,
            "newest": newest,
            "address": standing.address,
            "ids": list(standing.ids),
        }
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_missing, values)
            return [Missing(row.seq, row.external_id) for row in rows]

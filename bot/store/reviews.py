"""Reviews: what of the past is looked at again, and what of it is missing on its platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.standing import Place, Standing
from bot.store.database import Database
from bot.store.sql_files import load

LEEWAY = timedelta(minutes=2)
"""What may lie between when a message is said to have been said, and when it was posted: a proxy's
copy is remembered with the time of what it copies, and archives round."""

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

    async def now(self) -> datetime:
        """The time by the clock that all replicas share."""
        async with self._database.autocommit() as connection:
            now: datetime = (await connection.execute(_SQL.now)).scalar_one()
            return now

    async def set_reviewed_until(self, channel_id: int, until: datetime) -> None:
        """All places of a channel were reviewed thoroughly, up to this moment."""
        values = {"channel": channel_id, "until": until}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.set_reviewed_until, values)

    async def places(
        self, channel_id: int, *, since: datetime, newest: int, threads: int
    ) -> list[Place]:
        """Where something was said since then, of the numbers up to `newest`.

        The top level first, then so many threads at the most. Each with some time around it.
        """
        values = {"channel": channel_id, "since": since, "newest": newest, "threads": threads}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_places, values)
            return [Place(row.thread, row.first - LEEWAY, row.last + LEEWAY) for row in rows]

    async def missing(
        self, channel_id: int, standing: Standing, *, newest: int
    ) -> Sequence[Missing]:
        """What is remembered of a span, of the numbers up to `newest`, and stands there no more."""
        place = standing.place
        values = {
            "channel": channel_id,
            "thread": place.thread,
            "first": place.first - LEEWAY,
            "last": place.last + LEEWAY,
            "newest": newest,
            "address": standing.address,
            "ids": list(standing.ids),
        }
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_missing, values)
            return [
                Missing(row.seq, row.external_id)
                for row in rows
                if _is_within(standing, row.external_id, row.said_at)
            ]


def _is_within(standing: Standing, id: str, said_at: datetime) -> bool:
    """Whether it was posted in what was read, so that it would have been seen there."""
    at = standing.moment(id) if standing.moment else said_at
    return at is not None and standing.place.first <= at <= standing.place.last

"""What API and page keep of a person: keys, calls, sessions, changes. Counted, and taken out."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("api_traces")


class ApiTrace(NamedTuple):
    """How much is kept of a person in no channel."""

    keys: int
    calls: int
    page: int
    """Where they are signed in at the page, what they changed there, and files that lie unread."""


class ApiTraces:
    """A person in the tables of API and page; without a platform, on each and on none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, person_id: str, platform: str | None = None) -> ApiTrace:
        """How much of it is theirs."""
        values = {"platform": platform, "person": person_id}
        async with self._database.autocommit() as connection:
            return ApiTrace(*(await connection.execute(_SQL.count, values)).one())

    async def forget(self, person_id: str, platform: str | None = None) -> None:
        """Delete keys and sessions, and take them and their words out of what else there is."""
        async with self._database.begin() as connection:
            await take_out_of_api(connection, person_id, platform)
            await take_out_of_page(connection, person_id, platform)


async def take_out_of_page(
    connection: AsyncConnection, person_id: str, platform: str | None
) -> None:
    """Sign them out, and take their name out of the list of changes, inside a transaction."""
    values = {"platform": platform, "person": person_id}
    await connection.execute(_SQL.take_out_of_page, values)


async def take_out_of_api(
    connection: AsyncConnection, person_id: str, platform: str | None
) -> None:
    """Delete keys and files that lie unread, and take them out of calls, inside a transaction."""
    values = {"platform": platform, "person": person_id}
    platforms = list((await connection.execute(_SQL.get_platforms, values)).scalars())
    payers = [fingerprint(one, person_id) for one in platforms]
    await connection.execute(_SQL.delete_reservations, {"payers": payers})
    await connection.execute(_SQL.take_out_of_calls, values)
    await connection.execute(_SQL.delete_uploads, values)
    await connection.execute(_SQL.delete_keys, values)

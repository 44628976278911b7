"""A pool that is used up is not a database that is away."""

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import DatabaseBusy, DatabaseCrowded, DatabaseUnavailable
from bot.store import database as database_module
from bot.store import error_mapping
from bot.store.database import Database
from bot.store.error_mapping import mapped_errors

CROWDED = (
    asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    asyncpg.TooManyConnectionsError('too many connections for role "nellie"'),
    asyncpg.TooManyConnectionsError(
        "remaining connection slots are reserved for roles with the SUPERUSER attribute"
    ),
    asyncpg.ProtocolViolationError("no more connections allowed (max_client_conn)"),
    asyncpg.ProtocolViolationError("query_wait_timeout"),
    asyncpg.InternalServerError(
        "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited"
        " to pool_size"
    ),
)


async def test_a_full_pool_says_that_every_connection_is_in_use(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (database_module, error_mapping):
        monkeypatch.setattr(module, "POOL_TIMEOUT", 0.05)
    database = Database(address, pool=1)

    async with database.begin() as connection:
        await connection.execute(sa.text("SELECT 1"))
        with pytest.raises(DatabaseBusy, match=r"was in use for 0\.05 seconds") as raised:
            async with database.begin():
                pass

    await database.close()
    assert "cannot be reached" not in str(raised.value)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("error", CROWDED, ids=str)
def test_a_server_that_takes_no_more_connections_is_named_as_such(
    error: Exception, *, wrapped: bool
) -> None:
    driver = Exception("the adapter's own")
    driver.__cause__ = error
    raised: Exception = DBAPIError("SELECT 1", {}, driver) if wrapped else error

    with (
        pytest.raises(DatabaseCrowded, match="takes no more connections") as found,
        mapped_errors(),
    ):
        raise raised

    assert "cannot be reached" not in str(found.value)


def test_a_server_that_is_away_is_not_said_to_be_crowded() -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as found, mapped_errors():
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    assert type(found.value) is DatabaseUnavailable


async def test_a_role_that_may_have_no_connection_more_is_told_so(address: str) -> None:
    plain = Database(address)
    async with plain.autocommit() as connection:
        await connection.execute(sa.text("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0"))
    try:
        crowded = Database(sa.make_url(address).set(username="crowded").render_as_string(False))
        with pytest.raises(DatabaseCrowded, match="crowded"):
            async with crowded.autocommit() as connection:
                await connection.execute(sa.text("SELECT 1"))
        await crowded.close()
    finally:
        async with plain.autocommit() as connection:
            await connection.execute(sa.text("DROP ROLE crowded"))
        await plain.close()

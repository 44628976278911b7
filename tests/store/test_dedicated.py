"""A dedicated connection: whatever it raises once it is broken is a database that is away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.sample_messages import rows
from sqlalchemy.exc import ProgrammingError

from bot.domain.errors import DatabaseUnavailable
from bot.store.database import Database
from bot.store.dedicated_connection import DedicatedConnection

ONE = sa.text("SELECT CAST(:one AS int)")
PID = sa.text("SELECT pg_backend_pid()")
DIE = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[DedicatedConnection]:
    opened = await database.dedicated()
    yield opened
    await opened.close()


async def test_is_there_until_it_is_closed(
    database: Database, connection: DedicatedConnection
) -> None:
    pid = (await connection.execute(PID, {})).scalar()

    before = connection.broken
    await connection.close()
    await connection.close()

    assert (before, connection.broken) == (False, True)
    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"
    while await rows(database, alive, pid=pid) != [0]:  # noqa: ASYNC110  # in Postgres
        await asyncio.sleep(0.01)


async def test_hears_what_is_sent_to_its_channel(
    database: Database, connection: DedicatedConnection
) -> None:
    heard = asyncio.Queue[str]()
    await connection.listen("somewhere", heard.put_nowait)

    await rows(database, "SELECT pg_notify('somewhere', 'hello')")

    assert await asyncio.wait_for(heard.get(), 5) == "hello"


async def test_a_statement_that_breaks_it_says_that_the_database_is_away(
    connection: DedicatedConnection,
) -> None:
    with pytest.raises(DatabaseUnavailable):
        await connection.execute(DIE, {})

    assert connection.broken


async def test_everything_after_it_broke_says_that_the_database_is_away(
    connection: DedicatedConnection,
) -> None:
    with pytest.raises(DatabaseUnavailable):
        await connection.execute(DIE, {})

    for _ in range(2):  # the second time, SQLAlchemy has something else to complain of
        with pytest.raises(DatabaseUnavailable):
            await connection.execute(ONE, {"one": 1})
    with pytest.raises(DatabaseUnavailable):
        await connection.listen("somewhere", print)
    await connection.close()


async def test_whatever_a_library_raises_as_it_breaks_is_a_database_that_is_away(
    connection: DedicatedConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling:
        async def execute(self, *given: Any) -> None:
            connection._driver.terminate()
            raise AttributeError("'NoneType' object has no attribute 'is_closing'")

    monkeypatch.setattr(connection, "_connection", Stumbling())

    with pytest.raises(DatabaseUnavailable, match="is_closing"):
        await connection.execute(ONE, {"one": 1})


async def test_a_fault_of_ours_stays_what_it_is(connection: DedicatedConnection) -> None:
    with pytest.raises(ProgrammingError):
        await connection.execute(sa.text("SELECT nonsense"), {})

    assert not connection.broken
    assert (await connection.execute(ONE, {"one": 1})).scalar() == 1


async def test_waiting_ends_when_it_breaks(
    database: Database, connection: DedicatedConnection
) -> None:
    pid = (await connection.execute(PID, {})).scalar()
    waiting = asyncio.create_task(connection.wait_until_broken(600))
    await asyncio.sleep(0)

    await rows(database, "SELECT pg_terminate_backend(:pid)", pid=pid)

    await asyncio.wait_for(waiting, 5)
    assert connection.broken


async def test_waiting_ends_after_its_time(connection: DedicatedConnection) -> None:
    await connection.wait_until_broken(0.01)

    assert not connection.broken

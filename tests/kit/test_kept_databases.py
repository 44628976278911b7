"""A test goes on with the connections of the last one, unless something was amiss with them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from doubles.sample_messages import ROOM, run, sample_new_message, value
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.messages import Messages
from bot.testing.kept_databases import KeptDatabases
from bot.testing.reused_databases import ReusedDatabases

SESSION = "SELECT pg_backend_pid()"
CUT_OTHERS = (
    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
Use = Callable[[Database], Awaitable[Any]]
Turn = Callable[[Use], Awaitable[tuple[str, int]]]


@pytest.fixture
def pool(postgres: EmbeddedPostgres, template: str) -> Iterator[ReusedDatabases]:
    with ReusedDatabases(postgres, template) as opened:
        yield opened


@pytest.fixture
async def turn(pool: ReusedDatabases, postgres: EmbeddedPostgres) -> AsyncIterator[Turn]:
    """What one test after the other does: the database it was given, and its first session."""
    kept = KeptDatabases()

    async def take_one(use: Use) -> tuple[str, int]:
        name = await pool.take()
        database = kept.open(postgres.address(name))
        session = await value(database, SESSION)
        await use(database)
        await kept.leave(database)
        await kept.give_back(pool, name, database.url)
        return name, session

    yield take_one
    await kept.close()


async def talk(database: Database) -> None:
    room = await Channels(database).id(ROOM)
    await Messages(database).add(room, [sample_new_message("m1")])


async def test_the_next_one_has_the_same_sessions_and_none_of_the_rows(turn: Turn) -> None:
    before = await turn(talk)

    async def find_nothing(database: Database) -> None:
        assert await value(database, "SELECT count(*) FROM message") == 0
        assert await Channels(database).id(ROOM) == 1

    assert await turn(find_nothing) == before
    assert await turn(talk) == before


async def leave_a_transaction_open(database: Database) -> AsyncConnection:
    connection = await database.engine.connect()
    await connection.exec_driver_sql("SELECT 1")
    return connection


async def leave_one_borrowed(database: Database) -> AsyncConnection:
    return (await database._hot.borrow()).connection


async def cut_all_others(database: Database) -> None:
    async with database.begin() as one, database.begin() as other:
        for connection in (one, other):
            await connection.exec_driver_sql("SELECT 1")
    await run(database, CUT_OTHERS)


@pytest.mark.parametrize("amiss", [leave_a_transaction_open, leave_one_borrowed, cut_all_others])
async def test_connections_with_which_something_is_amiss_are_closed(turn: Turn, amiss: Use) -> None:
    lent = list[AsyncConnection | None]()

    async def use(database: Database) -> None:
        lent.append(await amiss(database))

    _, session = await turn(use)

    assert (await turn(talk))[1] != session
    for connection in lent:
        if connection:
            await connection.invalidate()
            await connection.close()


async def test_where_tables_were_changed_the_database_is_another(turn: Turn) -> None:
    async def change(database: Database) -> None:
        await run(database, "ALTER TABLE message ADD COLUMN mood text")

    name, _ = await turn(change)

    assert (await turn(talk))[0] != name


def test_nothing_is_kept_for_another_event_loop(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    async def leave(kept: KeptDatabases, name: str) -> int:
        database = kept.open(postgres.address(name))
        session = await value(database, SESSION)
        await kept.leave(database)
        return int(session)

    async def make() -> tuple[KeptDatabases, str]:
        return KeptDatabases(), await pool.take()

    kept, name = asyncio.run(make())

    assert asyncio.run(leave(kept, name)) != asyncio.run(leave(kept, name))

"""A Nellie for each test, in one database that is emptied before each: copying takes longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.testing import RunningNellie, running_nellie
from bot.testing.reused_databases import empty


@pytest.fixture(scope="session")
def shared(postgres: EmbeddedPostgres, template: str) -> str:
    """The address of a database for all of these tests."""

    async def make() -> None:
        admin = Database(postgres.address("postgres"), pool=1)
        async with admin.autocommit() as connection:
            await connection.exec_driver_sql(f"CREATE DATABASE engine TEMPLATE {template}")
        await admin.close()

    asyncio.run(make())
    return postgres.address("engine")


@pytest.fixture
async def database(shared: str) -> AsyncIterator[Database]:
    """That database, empty."""
    opened = Database(shared)
    await empty(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def start_nellie(database: Database) -> AsyncIterator[Start]:
    """Start a Nellie with a model, a platform or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> RunningNellie:
            return await stack.enter_async_context(running_nellie(database, **options))

        yield start


@pytest.fixture
async def nellie(start_nellie: Start) -> RunningNellie:
    """A Nellie with the settings as they come."""
    return await start_nellie()


@pytest.fixture
async def full(start_nellie: Start) -> RunningNellie:
    """A Nellie with a window that is far too long."""
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*TALK)
    return nellie

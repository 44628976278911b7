"""A house for each test, in one database that is emptied before each: copying takes longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.house import LINES, SMALL, House, Open, opened
from sqlmodel import SQLModel

from bot.store.database import Database
from bot.store.embedded import EmbeddedPostgres

# Of tables with a few rows, deleting is much faster than truncating.
_EMPTY = ", ".join(f"{name}_ AS (DELETE FROM {name})" for name in SQLModel.metadata.tables)  # noqa: S608  # our own names


@pytest.fixture(scope="session")
def shared(server: EmbeddedPostgres, template: str) -> str:
    """The address of a database for all of these tests."""

    async def make() -> None:
        admin = Database(server.address("postgres"), pool=1)
        async with admin.single() as connection:
            await connection.execute(sa.text(f"CREATE DATABASE engine TEMPLATE {template}"))
        await admin.close()

    asyncio.run(make())
    return server.address("engine")


@pytest.fixture
async def database(shared: str) -> AsyncIterator[Database]:
    """That database, empty."""
    opened = Database(shared)
    async with opened.single() as connection:
        await connection.execute(sa.text(f"WITH {_EMPTY} SELECT 1"))
    yield opened
    await opened.close()


@pytest.fixture
async def open_house(database: Database) -> AsyncIterator[Open]:
    """Open a house with a model, a stage or settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def open_one(**given: Any) -> House:
            return await stack.enter_async_context(opened(database, **given))

        yield open_one


@pytest.fixture
async def house(open_house: Open) -> House:
    """A house as it stands without further wishes."""
    return await open_house()


@pytest.fixture
async def full(open_house: Open) -> House:
    """A house with a window that is far too long."""
    house = await open_house(**SMALL)
    await house.history(*LINES)
    return house

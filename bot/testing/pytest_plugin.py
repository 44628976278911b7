"""Fixtures for pytest: a migrated database for each test, on one server for all of them.

Name it in your conftest.py: pytest_plugins = ["bot.testing.pytest_plugin"]
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.testing.kept_databases import KeptDatabases
from bot.testing.postgres import HASTY, temporary_postgres
from bot.testing.reused_databases import ReusedDatabases, execute

TEMPLATE = "template_nellie"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A Postgres of its own, thrown away at the end."""
    with temporary_postgres({**HASTY, "autovacuum": "off"}) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database, to be copied for each test."""

    async def make() -> None:
        await execute(postgres, f"CREATE DATABASE {TEMPLATE}")
        database = Database(postgres.address(TEMPLATE))
        await schema.migrate(database)
        await database.close()

    asyncio.run(make())
    return TEMPLATE


@pytest.fixture(scope="session")
def reused_databases(postgres: EmbeddedPostgres, template: str) -> Iterator[ReusedDatabases]:
    """Where each test gets its database from."""
    with ReusedDatabases(postgres, template) as pool:
        yield pool


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept_databases(reused_databases: ReusedDatabases) -> AsyncIterator[KeptDatabases]:
    """What stays open for the next test, where your tests run in the session's event loop."""
    kept = KeptDatabases()
    yield kept
    await kept.close()


@pytest_asyncio.fixture
async def empty_database(
    postgres: EmbeddedPostgres, reused_databases: ReusedDatabases, kept_databases: KeptDatabases
) -> AsyncIterator[str]:
    """The address of an empty, migrated database, whatever else a test calls an address."""
    name = await reused_databases.take()
    address = postgres.address(name)
    yield address
    await kept_databases.give_back(reused_databases, name, address)


@pytest.fixture
def address(empty_database: str) -> str:
    """The address of an empty, migrated database."""
    return empty_database


@pytest_asyncio.fixture
async def database(empty_database: str, kept_databases: KeptDatabases) -> AsyncIterator[Database]:
    """An empty, migrated database, opened."""
    opened = kept_databases.open(empty_database)
    yield opened
    await kept_databases.leave(opened)


@pytest_asyncio.fixture
async def own_database(empty_database: str) -> AsyncIterator[Database]:
    """The same on connections that nobody has used: for a test that looks at those."""
    opened = Database(empty_database)
    yield opened
    await opened.close()

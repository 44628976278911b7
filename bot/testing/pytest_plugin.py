"""Fixtures for pytest: a migrated database for each test, on one server for all of them.

Name it in your conftest.py: pytest_plugins = ["bot.testing.pytest_plugin"]
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.testing.postgres import temporary_postgres

TEMPLATE = "template_nellie"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A Postgres of its own, thrown away at the end."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database, to be copied for each test."""

    async def make() -> None:
        await _execute(postgres, f"CREATE DATABASE {TEMPLATE}")
        database = Database(postgres.address(TEMPLATE))
        await schema.migrate(database)
        await database.close()

    asyncio.run(make())
    return TEMPLATE


@pytest_asyncio.fixture
async def address(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated database."""
    name = f"test_{secrets.token_hex(6)}"
    await _execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgres.address(name)
    await _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A fresh, migrated database, opened."""
    opened = Database(address)
    yield opened
    await opened.close()


async def _execute(server: EmbeddedPostgres, sql: str) -> None:
    admin = Database(server.address("postgres"), pool=1)
    async with admin.autocommit() as connection:
        await connection.exec_driver_sql(sql)
    await admin.close()

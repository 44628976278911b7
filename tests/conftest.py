"""A real Postgres for the tests: one server a session, one database a test."""

import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
import structlog

from bot.logs import Libraries
from bot.store import embedded
from bot.store.database import Database

hypothesis.settings.register_profile("nellie", deadline=None)  # no test is timed
hypothesis.settings.load_profile("nellie")

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """What a test decides about the log ends with it: it may hold a stream that is closed."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, Libraries)]


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.EmbeddedPostgres]:
    """A Postgres of its own, thrown away at the end."""
    home = Path(tempfile.mkdtemp(prefix="nellie-tests-"))
    home.chmod(0o755)  # as root, the server runs as another user
    running = embedded.start(home, settings=FAST)
    yield running
    running.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: embedded.EmbeddedPostgres) -> str:
    """The name of a migrated database, to be copied for each test."""
    import asyncio

    async def make() -> None:
        await _run(server, "CREATE DATABASE template_nellie")
        database = Database(server.address("template_nellie"))
        await database.migrate()
        await database.close()

    asyncio.run(make())
    return "template_nellie"


@pytest.fixture
async def address(server: embedded.EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated database."""
    name = f"test_{secrets.token_hex(6)}"
    await _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.address(name)
    await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A fresh, migrated database, opened."""
    opened = Database(address)
    yield opened
    await opened.close()


async def _run(server: embedded.EmbeddedPostgres, statement: str) -> None:
    admin = Database(server.address("postgres"), pool=1)
    async with admin.single() as connection:
        await connection.execute(sa.text(statement))
    await admin.close()

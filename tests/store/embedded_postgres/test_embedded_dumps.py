"""Dumps of the embedded Postgres: whole, or not there."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from store.embedded_postgres.processes import Start

from bot.domain.errors import DatabaseUnavailable
from bot.store.embedded_postgres import server as embedded
from bot.store.embedded_postgres.binaries import PROGRAMS
from bot.store.embedded_postgres.server import EmbeddedPostgres


def restore(server: EmbeddedPostgres, dump: Path) -> None:
    """Into its database "other"."""
    program = embedded.package() / PROGRAMS / "pg_restore"
    where = ("--host", server._socket, "--username=postgres", "--dbname=other")
    subprocess.run([program, *where, "--exit-on-error", dump], check=True)  # noqa: S603


async def test_a_dump_holds_everything_for_another_server(
    home: Path, start: Start, tmp_path: Path
) -> None:
    server = start(home)
    engine = create_async_engine(server.url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept AS SELECT 'cupboard' AS word"))
        await connection.execute(text("COMMIT"))
        await connection.execute(text("CREATE DATABASE other"))

    server.dump(tmp_path / "memory.dump")

    restore(server, tmp_path / "memory.dump")
    other = create_async_engine(server.address("other"), poolclass=NullPool)
    async with other.connect() as connection:
        assert await connection.scalar(text("SELECT word FROM kept")) == "cupboard"


def test_a_dump_that_fails_leaves_no_file(home: Path, start: Start, tmp_path: Path) -> None:
    server = start(home)
    server.stop()

    with pytest.raises(DatabaseUnavailable, match="pg_dump failed"):
        server.dump(tmp_path / "memory.dump")

    assert list(tmp_path.glob("memory*")) == []

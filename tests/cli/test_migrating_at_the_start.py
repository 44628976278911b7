"""`nellie run` on tables that are not up to date: another process migrates them."""

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from alembic import command
from cli.conftest import ROOT, start
from doubles.installed_plugin import install
from doubles.sample_messages import run, value

from bot.store import open_database, schema
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.locks import MIGRATION_LOCK

WITNESS = """
import sys
from bot.domain.ports import Adapter

class Witness(Adapter):
    name = "witness"

    async def run(self, inbox, turns, commands):
        print(*sys.modules)

    async def deliver(self, turn, text, delivery_log):
        pass
"""
"""A platform that tells what is loaded while it is served, and ends."""

ANEW = {"PYTHON_OF_ITS_OWN": "1"}  # one that loads itself: what is loaded is looked at
MIGRATION_ONLY = {"alembic", "bot.store.tables", "sqlmodel"}
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
NEWEST = "SELECT version_num FROM alembic_version"

Ended = tuple[int, str, str]


def more_of_the_same(*values: object) -> list[Any]:
    """Parameters that take the path of the others once more."""
    return [pytest.param(value, marks=pytest.mark.stress) for value in values]


DEADLY = [signal.SIGKILL, *more_of_the_same(signal.SIGSEGV, signal.SIGABRT)]


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder in which the platform is installed."""
    install(
        tmp_path, entry_points="[nellie.adapters]\nwitness = witness:Witness\n", witness=WITNESS
    )
    return tmp_path


@pytest_asyncio.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database without a table."""
    name = f"empty_{secrets.token_hex(6)}"
    admin = Database(postgres.address("postgres"), pool=1)
    async with admin.autocommit() as connection:
        await connection.exec_driver_sql(f"CREATE DATABASE {name}")
    opened = Database(postgres.address(name), pool=2)
    yield opened
    await opened.close()
    async with admin.autocommit() as connection:
        await connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@contextmanager
def started(
    plugins: Path, url: str, *arguments: str, **environ: str
) -> Iterator["subprocess.Popen[str]"]:
    """A command in a process of its own, in a session of its own."""
    process = start(
        *(arguments or ("run",)),
        own_session=True,
        PYTHONPATH=f"{plugins}:{ROOT}",
        DATABASE_URL=url,
        **environ,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def to_end(plugins: Path, url: str, *arguments: str, **environ: str) -> Ended:
    """Its exit code, its standard output and its standard error."""
    with started(plugins, url, *arguments, **environ) as process:
        return await ended(process)


async def ended(process: "subprocess.Popen[str]") -> Ended:
    out, err = await asyncio.to_thread(process.communicate, timeout=60)
    return process.returncode, out, err


def loaded_when(came_up: Ended) -> set[str]:
    code, out, err = came_up
    assert (code, err) == (0, "nellie: serving witness\n")
    return {*out.split()}


@asynccontextmanager
async def one_that_waits(plugins: Path, empty: Database) -> AsyncIterator[Any]:
    """A `nellie run` whose migration waits for another one."""
    async with empty.autocommit() as holder:
        await holder.execute(sa.text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        with started(plugins, empty.url) as process:
            while not await value(empty, WAITING):
                assert process.poll() is None
                await asyncio.sleep(0.05)
            yield process
        await holder.execute(sa.text("SELECT pg_advisory_unlock_all()"))


def child_of(process: "subprocess.Popen[str]") -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    (child,) = map(int, children.split())
    return child


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_replica_on_an_empty_database_keeps_nothing_that_migrating_loads(
    plugins: Path, empty: Database
) -> None:
    modules = loaded_when(await to_end(plugins, empty.url, **ANEW))

    assert "sqlalchemy" in modules
    assert not MIGRATION_ONLY & modules
    assert await value(empty, NEWEST) == schema.newest_revision()


@pytest.mark.parametrize("revision", ["0001", *more_of_the_same("0006", "0020")])
async def test_nor_does_one_on_older_tables(
    plugins: Path, database: Database, revision: str
) -> None:
    async with database.begin() as connection:
        await connection.run_sync(
            lambda sync: command.downgrade(schema.configuration(sync), revision)
        )

    modules = loaded_when(await to_end(plugins, database.url, **ANEW))

    assert not MIGRATION_ONLY & modules
    assert await value(database, NEWEST) == schema.newest_revision()


async def test_two_replicas_that_start_at_once_on_an_empty_database_both_come_up(
    plugins: Path, empty: Database
) -> None:
    both = await asyncio.gather(*(to_end(plugins, empty.url) for _ in range(2)))

    assert all(not MIGRATION_ONLY & loaded_when(one) for one in both)
    assert await value(empty, NEWEST) == schema.newest_revision()


REFUSALS = {
    "read-only": ["ALTER DATABASE {name} SET default_transaction_read_only = on"],
    "a user without rights": ["ALTER DATABASE {name} SET role = 'pg_monitor'"],
    "tables of another line": [
        "CREATE TABLE alembic_version (version_num text)",
        "INSERT INTO alembic_version VALUES ('1000')",
    ],
    "a full disk": [
        "CREATE FUNCTION full_disk() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
        "CREATE EVENT TRIGGER fills ON ddl_command_start EXECUTE FUNCTION full_disk()",
    ],
}


@pytest.mark.parametrize("spoiling", REFUSALS.values(), ids=REFUSALS)
async def test_what_keeps_it_from_migrating_is_told_as_nellie_migrate_tells_it(
    plugins: Path, empty: Database, spoiling: list[str]
) -> None:
    await run(empty, *(one.format(name=empty.engine.url.database) for one in spoiling))

    here = await to_end(plugins, empty.url, "migrate")
    apart = await to_end(plugins, empty.url)

    assert apart == here
    assert here[0] == 1
    assert here[2].startswith("nellie: ")
    assert here[2].count("\n") == 1


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, *more_of_the_same(signal.SIGHUP)]
)
async def test_a_signal_ends_the_migration_too(
    plugins: Path, empty: Database, number: signal.Signals
) -> None:
    async with one_that_waits(plugins, empty) as process:
        child = child_of(process)
        os.killpg(process.pid, number)  # as a terminal does

        assert await ended(process) == (0, "", "")
        assert not is_there(child)
        assert await value(empty, WAITING) == 0

    assert await value(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.parametrize("number", DEADLY)
async def test_a_migration_that_is_killed_is_told_in_a_sentence(
    plugins: Path, empty: Database, number: signal.Signals
) -> None:
    async with one_that_waits(plugins, empty) as process:
        os.kill(child_of(process), number)

        code, _, err = await ended(process)

    assert code == 1
    assert err == (
        "nellie: The tables were not brought up to date (the process that did it was ended by"
        f" {number.name}); they are as they were. Start again, or do it alone: nellie migrate\n"
    )


@pytest.mark.parametrize("number", DEADLY)
async def test_a_replica_that_is_killed_leaves_no_migration_behind(
    plugins: Path, empty: Database, number: signal.Signals
) -> None:
    async with one_that_waits(plugins, empty) as process:
        process.send_signal(number)

        assert (await ended(process))[0] == -number
        assert await value(empty, WAITING) == 0


async def test_a_fault_of_a_migration_is_shown_whole(plugins: Path, empty: Database) -> None:
    await run(empty, "CREATE TABLE lane (mine int)")

    code, _, err = await to_end(plugins, empty.url)

    assert code == 1
    assert 'relation "lane" already exists' in err
    assert "(the lines above say why)" in err.splitlines()[-1]


async def test_the_address_stands_on_no_command_line(plugins: Path, empty: Database) -> None:
    async with one_that_waits(plugins, empty) as process:
        shown = command_line(child_of(process))

    assert "migration_process" in shown
    assert str(empty.engine.url.database) not in shown


@pytest.fixture(params=["", "/no/such/python", "/dev/null"])
def no_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Python does not know where it is, as within other programs."""
    monkeypatch.setattr("sys.executable", request.param)
    return


@pytest.mark.usefixtures("no_process")
async def test_where_no_other_process_can_be_had_it_is_done_in_this_one(empty: Database) -> None:
    settings = open_database.Settings(DATABASE_URL=empty.url)  # type: ignore[call-arg]

    async with open_database.migrated_database(settings, for_long=True) as opened:
        assert await value(opened, NEWEST) == schema.newest_revision()

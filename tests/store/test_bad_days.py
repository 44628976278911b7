"""Postgres on a bad day: full, read-only, of another version, or gone in a migration."""

import asyncio

import pytest
import sqlalchemy as sa
from doubles.replica import Replica

from bot.errors import DatabaseRefuses, DatabaseUnavailable, SettingsError
from bot.store.database import Database
from bot.store.vitals import vitals

FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
FILLS = "CREATE TRIGGER fills BEFORE INSERT ON message EXECUTE FUNCTION full_disk()"


async def run(database: Database, *statements: str) -> None:
    async with database.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def value(database: Database, query: str) -> object:
    async with database.single() as connection:
        return await connection.scalar(sa.text(query))


async def test_a_full_disk_takes_nothing_in_and_loses_nothing(one: Replica) -> None:
    await run(one.database, FULL, FILLS)

    with pytest.raises(DatabaseRefuses, match=r"takes nothing in .could not extend file"):
        await one.accept("m1")

    await run(one.database, "DROP TRIGGER fills ON message")
    assert (await one.accept("m1")).lease  # delivered again
    assert (await one.accept("m1")).seq == 0  # and once more


async def test_a_read_only_database_takes_nothing_in_and_can_be_read(
    database: Database, address: str
) -> None:
    name = database.engine.url.database
    await run(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    closed = Database(address)

    await closed.migrate()
    with pytest.raises(DatabaseRefuses, match="read-only transaction"):
        await run(closed, "INSERT INTO optout (channel_id, author_id) VALUES (1, 'U1')")
    with pytest.raises(DatabaseUnavailable, match="it is read-only"):
        await vitals(closed, high=1)
    assert await value(closed, "SELECT count(*) FROM message") == 0

    await closed.close()


async def test_a_migration_that_is_cut_off_leaves_the_tables_as_they_were(
    database: Database,
) -> None:
    before = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"
    await _back_to(database, "0002")
    columns = await value(database, before)

    async with database.begin() as holder:  # the migration has to wait for it, half-way
        await holder.execute(sa.text("LOCK TABLE turn"))
        migrating = asyncio.create_task(database.migrate())
        waits = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
        while not (pid := await value(database, waits)):  # noqa: ASYNC110  # a database
            await asyncio.sleep(0.02)
        await value(database, f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(DatabaseUnavailable):
            await migrating

    assert await value(database, "SELECT version_num FROM alembic_version") == "0002"
    assert await value(database, before) == columns
    await database.migrate()
    assert await value(database, before) != columns


async def test_an_older_version_works_on_newer_tables_and_says_so(one: Replica) -> None:
    said: list[str] = []
    await run(
        one.database,
        "ALTER TABLE message ADD COLUMN mood text",
        "CREATE TABLE weather (day date)",
        "UPDATE alembic_version SET version_num = '0999'",
    )

    await one.database.migrate(said.append)

    assert len(said) == 1
    assert "its tables are of a newer Nellie (0999; this one knows " in said[0]
    lease, turn = await one.ask("m1")
    assert await one.done(lease, turn) is None


async def test_tables_of_another_line_are_refused_in_words(database: Database) -> None:
    await run(database, "UPDATE alembic_version SET version_num = '1000'")

    with pytest.raises(SettingsError, match=r"newer Nellie \(1000; .*\): update this one"):
        await database.migrate()


async def _back_to(database: Database, revision: str) -> None:
    from alembic import command

    from bot.store.database import configuration

    async with database.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(configuration(sync), revision))

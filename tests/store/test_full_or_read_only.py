"""Postgres on a bad day: full, or read-only."""

import pytest
from doubles.replica import Replica
from doubles.sample_messages import run, value

from bot.domain.errors import DatabaseRefuses, DatabaseUnavailable
from bot.store import schema
from bot.store.backlog_stats import backlog_stats
from bot.store.database import Database

FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
FILLS = "CREATE TRIGGER fills BEFORE INSERT ON message EXECUTE FUNCTION full_disk()"


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

    await schema.migrate(closed)
    with pytest.raises(DatabaseRefuses, match="read-only transaction"):
        await run(closed, "INSERT INTO optout (channel_id, author_id) VALUES (1, 'U1')")
    with pytest.raises(DatabaseUnavailable, match="it is read-only"):
        await backlog_stats(closed, high=1)
    assert await value(closed, "SELECT count(*) FROM message") == 0

    await closed.close()

"""A test finds a database as empty as a new one, whatever another has done in it before."""

from collections.abc import Iterator

import pytest
from doubles.sample_messages import ROOM, rows, run, sample_new_message, value

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.messages import Messages
from bot.testing.reused_databases import ReusedDatabases, execute


@pytest.fixture
def pool(postgres: EmbeddedPostgres, template: str) -> Iterator[ReusedDatabases]:
    with ReusedDatabases(postgres, template) as opened:
        yield opened


async def used(
    pool: ReusedDatabases, postgres: EmbeddedPostgres, *statements: str, messages: int = 0
) -> str:
    """The name of a database in which all of this was done before it was given back."""
    name = await pool.take()
    database = Database(postgres.address(name))
    if messages:
        room = await Channels(database).id(ROOM)
        await Messages(database).add(room, [sample_new_message(f"m{n}") for n in range(messages)])
    await run(database, *(one.format(name=name) for one in statements))
    await database.close()
    await pool.give_back(name)
    return name


async def test_what_was_written_is_gone_and_numbers_begin_anew(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    name = await used(pool, postgres, "SELECT nextval('lane_epoch')", messages=3)

    assert await pool.take() == name
    database = Database(postgres.address(name))
    assert await value(database, "SELECT count(*) FROM message") == 0
    assert await value(database, "SELECT count(*) FROM channel") == 0
    assert await Channels(database).id(ROOM) == 1
    assert await value(database, "SELECT is_called FROM lane_epoch") is False
    await database.close()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE message ADD COLUMN mood text",
        "CREATE TABLE weather (day date)",
        "ALTER TABLE channel DROP COLUMN name",
        "DROP INDEX {index}",
        "UPDATE alembic_version SET version_num = '0999'",
        "DELETE FROM alembic_version",
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE message SET (fillfactor = 50)",
        "ALTER TABLE message RENAME COLUMN text TO words",
        "CREATE SCHEMA elsewhere",
        "ANALYZE message",
    ],
)
async def test_where_more_than_rows_was_changed_the_next_one_is_new(
    pool: ReusedDatabases, postgres: EmbeddedPostgres, database: Database, change: str
) -> None:
    index = await value(
        database,
        "SELECT min(CAST(indexrelid AS regclass)::text) FROM pg_index WHERE NOT indisunique"
        " AND indexrelid >= 16384",
    )

    name = await used(pool, postgres, change.replace("{index}", str(index)), messages=1)

    assert await pool.take() != name
    assert name not in str(await rows(database, "SELECT datname FROM pg_database"))


async def test_what_a_session_made_for_itself_changes_nothing(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    name = await used(
        pool,
        postgres,
        "CREATE FUNCTION pg_temp.one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMPORARY TABLE weather (day date)",
    )

    assert await pool.take() == name


async def test_one_that_has_become_large_is_not_used_again(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    name = await used(
        pool,
        postgres,
        "UPDATE message SET text = (SELECT string_agg(md5(n::text), '') FROM"
        " generate_series(1, 200000) n)",
        messages=1,
    )

    assert await pool.take() != name


async def test_one_in_which_somebody_still_works_is_not_used_again(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    name = await pool.take()
    lost = Database(postgres.address(name))
    async with lost.autocommit():
        await pool.give_back(name)

    assert await pool.take() != name
    await lost.close()


async def test_a_test_may_cut_every_connection(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    name = await used(
        pool,
        postgres,
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        messages=1,
    )

    assert await pool.take() == name
    database = Database(postgres.address(name))
    assert await value(database, "SELECT count(*) FROM message") == 0
    await database.close()


async def test_two_tests_at_once_never_share_one(
    pool: ReusedDatabases, postgres: EmbeddedPostgres
) -> None:
    one, two = await pool.take(), await pool.take()
    await pool.give_back(one)

    assert one != two
    assert await pool.take() == one
    for name in (one, two):
        await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")

"""The database: addresses, migrations, and faults with a name."""

import asyncio

import pytest
import sqlalchemy as sa
from alembic import command

from bot.errors import DatabaseUnavailable, SettingsError
from bot.store.database import Database, address, configuration
from bot.store.embedded import EmbeddedPostgres


@pytest.mark.parametrize("url", ["postgres://u:p@h/n", "postgresql://u:p@h/n"])
def test_takes_the_addresses_that_people_write(url: str) -> None:
    assert address(url) == "postgresql+asyncpg://u:p@h/n"


@pytest.mark.parametrize("url", ["nonsense", "mysql://h/n", ""])
def test_names_the_variable_when_the_address_is_wrong(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        address(url)


async def test_the_tables_are_those_of_the_models(database: Database) -> None:
    async with database.begin() as connection:
        await connection.run_sync(lambda sync: command.check(configuration(sync)))


async def test_migrating_twice_at_once_is_fine(database: Database) -> None:
    await asyncio.gather(database.migrate(), database.migrate())


async def test_a_database_that_is_away_has_a_name() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        async with database.single() as connection:
            await connection.execute(sa.text("SELECT 1"))

    await database.close()


async def test_waiting_for_a_database_says_so_once() -> None:
    database, said = Database("postgresql://nobody@127.0.0.1:1/nothing"), list[str]()

    with pytest.raises(DatabaseUnavailable):
        await database.wait(said.append, seconds=1.2)

    assert len(said) == 1
    await database.close()


async def test_what_postgres_refuses_at_the_start_is_a_matter_of_the_address(
    server: EmbeddedPostgres,
) -> None:
    database = Database(server.address("nowhere"))

    with pytest.raises(SettingsError, match='DATABASE_URL: database "nowhere" does not exist'):
        await database.wait(lambda said: None)

    await database.close()


async def test_a_lock_is_held_by_one_at_a_time(database: Database) -> None:
    async with database.holding(1, 7) as first, database.holding(1, 7) as second:
        assert (first, second) == (True, False)

    async with database.holding(1, 7) as third:
        assert third

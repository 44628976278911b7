"""The database: addresses, migrations, and faults with a name."""

import socket
import ssl

import pytest
import sqlalchemy as sa
from doubles.sample_messages import ROOM, rows, sample_new_message

from bot.domain.errors import DatabaseUnavailable, SettingsError
from bot.store import database as module
from bot.store.address import address, split_address
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.turns import Turns


@pytest.mark.parametrize("url", ["postgres://u:p@h/n", "postgresql://u:p@h/n"])
def test_takes_the_addresses_that_people_write(url: str) -> None:
    assert address(url) == "postgresql+asyncpg://u:p@h/n"


@pytest.mark.parametrize("url", ["nonsense", "mysql://h/n", ""])
def test_names_the_variable_when_the_address_is_wrong(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        address(url)


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("sslmode=require&channel_binding=require", {"dsn": "postgresql:///?sslmode=require"}),
        ("ssl=verify-full", {"dsn": "postgresql:///?sslmode=verify-full"}),
        ("options=endpoint%3Dx", {"dsn": "postgresql:///?options=endpoint%3Dx"}),
        ("application_name=a%20b", {"dsn": "postgresql:///?application_name=a+b"}),
        ("connect_timeout=7", {"timeout": 7}),
        ("connect_timeout=0", {"timeout": None}),
    ],
)
def test_takes_the_parameters_that_clouds_add(query: str, arguments: dict[str, object]) -> None:
    url, given = split_address(f"postgresql://u:p@h/n?{query}")

    assert str(url) == "postgresql+asyncpg://u:***@h/n"
    assert {"timeout": 5, "command_timeout": 60, **arguments} == given


@pytest.mark.parametrize("query", ["sslrootcert=system", "sslmode=verify-full&sslrootcert=system"])
def test_trusts_what_the_machine_trusts_where_it_is_told_to(query: str) -> None:
    _, given = split_address(f"postgresql://u:p@h/n?{query}&application_name=x")

    context = given["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert given["dsn"] == "postgresql:///?application_name=x"


def test_takes_several_hosts() -> None:
    url, given = split_address("postgresql://u:p@a:1,b:2/n?target_session_attrs=primary")

    assert url.query == {"host": ("a:1", "b:2")}
    assert given["dsn"] == "postgresql:///?target_session_attrs=primary"


@pytest.mark.parametrize(
    "query", ["sslmode=maybe", "target_session_attrs=x", "connect_timeout=soon"]
)
def test_names_a_parameter_that_is_wrong(query: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: (sslmode|target|connect_timeout)"):
        split_address(f"postgresql://u:p@h/n?{query}")


@pytest.mark.parametrize(
    "query",
    [
        "application_name=nellie&sslmode=prefer&connect_timeout=7",
        "options=-c%20statement_timeout%3D5000&sslmode=disable",
        "ssl=disable&channel_binding=prefer&target_session_attrs=any",
    ],
)
async def test_connects_with_the_parameters_that_clouds_add(
    postgres: EmbeddedPostgres, query: str
) -> None:
    plain = postgres.address("postgres")
    database = Database(f"{plain}{'&' if '?' in plain else '?'}{query}", pool=1)

    async with database.autocommit() as connection:
        assert await connection.scalar(sa.text("SELECT 1")) == 1
    lock = await database.dedicated()
    await lock.close()
    await database.close()


async def test_a_parameter_that_the_server_does_not_know_is_named(
    postgres: EmbeddedPostgres,
) -> None:
    plain = postgres.address("postgres")
    database = Database(f"{plain}{'&' if '?' in plain else '?'}colour=red", pool=1)

    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*colour"):
        await database.wait(lambda said: None)

    await database.close()


async def test_a_database_that_is_away_has_a_name() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        async with database.autocommit() as connection:
            await connection.execute(sa.text("SELECT 1"))

    await database.close()


async def test_waiting_for_a_database_says_so_once() -> None:
    database, said = Database("postgresql://nobody@127.0.0.1:1/nothing"), list[str]()

    with pytest.raises(DatabaseUnavailable):
        await database.wait(said.append, seconds=1.2)

    assert len(said) == 1
    await database.close()


async def test_a_database_that_takes_connections_and_says_nothing_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")

        with pytest.raises(DatabaseUnavailable, match=r"no answer within 0\.2 s"):
            await database.wait(print, seconds=0.2)

    await database.close()


async def test_what_postgres_refuses_at_the_start_is_a_matter_of_the_address(
    postgres: EmbeddedPostgres,
) -> None:
    database = Database(postgres.address("nowhere"))

    with pytest.raises(SettingsError, match='DATABASE_URL: database "nowhere" does not exist'):
        await database.wait(lambda said: None)

    await database.close()


async def test_a_transaction_that_stands_still_does_not_hold_up_the_others(
    address: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await Channels(database).id(ROOM)
    monkeypatch.setattr(module, "FROZEN", 100)
    frozen = Database(address)

    async def freeze() -> None:
        async with frozen.begin() as connection:
            await connection.exec_driver_sql("SELECT FROM channel FOR UPDATE")
            await Turns(database, lease=15).accept(
                room, sample_new_message("m1"), owner=1, opens_turn=True
            )

    with pytest.raises(DatabaseUnavailable):
        await freeze()

    assert await rows(database, "SELECT count(*) FROM message") == [1]
    await frozen.close()

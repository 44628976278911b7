"""The embedded Postgres: made once, closed to the network, with what memory needs."""

import sys
from pathlib import Path

import pytest
from store.embedded_postgres.processes import Start, ask, recall, remember

from bot.store.embedded_postgres import server as embedded


async def test_makes_a_database_that_is_there_again_at_the_next_start(folder: Path) -> None:
    made = embedded.start(folder / "home")
    await remember(made)
    made.stop()

    again = embedded.start(folder / "home")

    assert await recall(again) == "elephant"
    assert await ask(again.url, "SELECT current_database()") == "nellie"
    assert await ask(again.url, "SHOW fsync") == "on"
    again.stop()


async def test_is_reached_through_a_closed_folder_and_not_through_the_network(
    home: Path, start: Start
) -> None:
    server = start(home)

    assert await ask(server.url, "SHOW listen_addresses") == ""
    assert (home / "pg18").stat().st_mode & 0o777 == 0o700


async def test_has_vectors_and_knows_letters_beyond_ascii(home: Path, start: Start) -> None:
    server = start(home)

    await ask(server.url, "CREATE EXTENSION vector")

    assert await ask(server.url, "SELECT '[3,4]'::vector <-> '[0,0]'") == 5
    assert await ask(server.url, "SELECT lower('ÀÉ')") == "àé"
    assert await ask(server.url, "SELECT to_tsvector('simple', '— „Ärger“')::text") == "'ärger':1"


async def test_addresses_any_database(home: Path, start: Start) -> None:
    server = start(home)

    await ask(server.url, 'CREATE DATABASE "another one"')

    url = server.address("another one")
    assert await ask(url, "SELECT current_database()") == "another one"


async def test_ignores_what_the_environment_says_about_other_servers(
    home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "6543", "PGHOST": "db.example", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)

    server = start(home)

    assert await ask(server.url, "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="it is glibc that is told")
def test_gives_memory_back_after_a_large_statement(home: Path, start: Start) -> None:
    start(home)

    [postmaster, *_] = (home / "pg18" / "postmaster.pid").read_text().splitlines()

    environ = Path(f"/proc/{postmaster}/environ").read_text().split("\0")
    assert "MALLOC_TRIM_THRESHOLD_=131072" in environ

"""The embedded Postgres: shared by processes, killed, raced, and revived."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from store.embedded_postgres.processes import (
    QUICK,
    App,
    Start,
    ask,
    leave,
    postmaster,
    recall,
    remember,
    says,
)

from bot.store.embedded_postgres import server as embedded


async def test_the_last_of_two_processes_stops_the_server(
    home: Path, start: Start, app: App
) -> None:
    other = app(home)
    url = says(other)
    server = start(home)

    server.stop()
    server.stop()
    answer = await ask(url, "SELECT 1")
    leave(other)

    assert url == server.url
    assert answer == 1
    assert postmaster(home) is None


async def test_a_killed_process_leaves_a_server_that_the_next_one_uses_and_stops(
    home: Path, app: App
) -> None:
    killed = app(home)
    says(killed)
    left = postmaster(home)
    killed.kill()
    killed.wait()

    server = embedded.start(home, settings=QUICK)
    used = postmaster(home)
    server.stop()

    assert left == used
    assert postmaster(home) is None


async def test_recovers_when_the_server_itself_was_killed(home: Path, start: Start) -> None:
    killed = start(home)
    await remember(killed)
    former = postmaster(home)
    assert former
    os.kill(former, signal.SIGKILL)

    server = start(home)

    assert await recall(server) == "elephant"
    assert postmaster(home) != former


@pytest.mark.parametrize("name", ["home", "n" * 100], ids=["short", "long"])
async def test_a_dead_server_is_revived_at_the_same_address(
    folder: Path, name: str, start: Start
) -> None:
    server = start(folder / name)
    address = server.url
    await remember(server)
    assert not server.revive()

    former = postmaster(folder / name)
    assert former
    os.kill(former, signal.SIGKILL)
    while not server.revive():
        """As long as a process of the dead one lives."""

    assert server.url == address
    assert await recall(server) == "elephant"


def test_a_server_that_was_given_back_is_not_revived(home: Path, start: Start) -> None:
    server = start(home)
    server.stop()

    assert not server.revive()
    assert postmaster(home) is None


async def test_a_pid_that_now_is_somebody_elses_neither_bars_nor_harms(
    home: Path, start: Start, stranger: "subprocess.Popen[bytes]"
) -> None:
    lines = f"{stranger.pid}\n{home}/pg18\n0\n5432\n{home}/pg18\n"
    (home / "pg18" / "postmaster.pid").write_text(f"{lines}\n\nready   \n")
    (home / "pg18" / ".s.PGSQL.5432.lock").write_text(lines)

    server = start(home)

    assert await ask(server.url, "SELECT 1") == 1
    assert stranger.poll() is None


async def test_five_racing_processes_make_one_server_where_a_killed_one_left_off(
    folder: Path, app: App
) -> None:
    home = folder / "home"
    unfinished = home / "nellie-unfinished-x"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    racers = [app(home) for _ in range(5)]

    urls = {says(racer) for racer in racers}
    answer = await ask(urls.pop(), "SELECT 1")
    for racer in racers:
        leave(racer)

    assert answer == 1
    assert not urls
    assert not unfinished.exists()
    assert postmaster(home) is None

"""The `nellie` command as a process of its own: restarts, signals, a database that is away."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli.conftest import LOG, ROOT, run_to_end, start
from doubles.installed_plugin import install
from typer.testing import CliRunner

from bot.__main__ import app

IMPORT = ROOT / "docs" / "import.md"

PICTURE = ROOT / "docs" / "conversation.svg"

QUESTION = "can openoffice be removed without ubuntu-desktop?\n"


def ask(chat: "subprocess.Popen[str]") -> str:
    """The first line of what it answers."""
    assert chat.stdin
    assert chat.stdout
    chat.stdin.write("hi\n")
    chat.stdin.flush()
    return chat.stdout.readline()


def packed(text: str) -> str:
    """Without its spaces and line breaks."""
    return "".join(text.split())


def drawn(picture: Path) -> str:
    """The texts of an SVG, packed."""
    texts = ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314  # ours
    return packed("".join(one.text or "" for one in texts))


def test_an_imported_log_is_quoted_with_author_and_time_also_after_a_restart(home: Path) -> None:
    at_home = {"NELLIE_HOME": str(home), "DATABASE_URL": ""}

    assert run_to_end("import", str(LOG), "-f", "irc", "-c", "ubuntu", **at_home)[:2] == (
        0,
        "ubuntu: 99 imported\n",
    )
    for _ in range(2):
        code, answer, complaints = run_to_end("chat", "-c", "ubuntu", given=QUESTION, **at_home)

        assert (code, complaints) == (0, "")
        assert "> owlmanatt, 2005-06-27 09:31: Any way to remove openoffice" in answer
        assert answer in IMPORT.read_text()
        assert packed(answer) in drawn(PICTURE)


def test_survives_the_death_of_its_postgres_and_stops_it_when_told_to_go(home: Path) -> None:
    state = home / "pg18" / "postmaster.pid"

    with start("chat", NELLIE_HOME=str(home), DATABASE_URL="") as chat:
        assert ask(chat).startswith("Hello!")
        os.kill(int(state.read_text().split()[0]), signal.SIGKILL)
        assert ask(chat).startswith("Hello!")
        chat.terminate()
        complaints = chat.communicate(timeout=10)[1]

    assert chat.returncode == 0
    assert "it runs again, with all that was accepted" in complaints
    assert not state.exists()


def test_waits_for_a_database_that_is_away_and_goes_on(address: str, home: Path) -> None:
    host = re.search(r"host=([^&]+)", address)
    assert host
    later = home / "later"

    with start("chat", DATABASE_URL=address.replace(host[1], str(later))) as chat:
        complaint = chat.stderr.readline() if chat.stderr else ""
        later.symlink_to(host[1].replace("%2F", "/"))
        answer = chat.communicate("hi\n", timeout=60)[0]

    assert complaint.startswith("nellie: The database cannot be reached (")
    assert complaint.endswith("Nothing accepted is lost; trying again.\n")
    assert answer.startswith("Hello!")
    assert chat.returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ("keys", "list"),
        ("calls",),
        ("channels",),
        ("turns",),
        ("migrate",),
        ("export", "-c", "x"),
        ("compact",),
    ],
)
def test_a_command_gives_up_on_a_database_that_stays_away(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr("bot.store.open_database.PATIENCE", 0.1)

    done = CliRunner().invoke(app, command)

    assert done.exit_code == 1
    assert "The database cannot be reached" in done.output
    assert "correct DATABASE_URL; `nellie doctor` says more." in done.output


@pytest.mark.parametrize("given", [{}, {"SLACK_BOT_TOKEN": ""}])
def test_an_endpoint_whose_port_is_taken_ends_and_says_so(
    address: str, given: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = run_to_end("run", DATABASE_URL=address, NELLIE_API=where, **given)

    assert code == 1
    assert f"NELLIE_API: {where} is in use: end what listens there" in err
    assert "serving" not in err


def test_an_endpoint_says_where_it_is_once_it_listens(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        where = f"127.0.0.1:{free.getsockname()[1]}"

    with start("run", DATABASE_URL=address, NELLIE_API=where) as serving:
        assert serving.stderr
        told = iter(serving.stderr.readline, "")
        assert any(line == f"nellie: serving api at http://{where}/v1\n" for line in told)
        serving.terminate()
        serving.communicate(timeout=60)


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.stress)],
)
def test_a_first_start_that_is_broken_off_leaves_nothing_half_made(
    home: Path, number: signal.Signals
) -> None:
    at_home = {"NELLIE_HOME": str(home / "own"), "DATABASE_URL": ""}
    with start("chat", own_session=True, **at_home) as chat:
        while not [*(home / "own").glob("nellie-unfinished-*")]:
            assert chat.poll() is None
            time.sleep(0.005)
        os.killpg(chat.pid, number)  # as a terminal does: all that was started hears it
        chat.communicate(timeout=60)

    assert [*(home / "own").glob("nellie-unfinished-*")] == []
    # On a busy machine a server was there already, and needs longer to stop than it is waited for.
    deadline = time.monotonic() + 60
    while (home / "own" / "pg18" / "postmaster.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert run_to_end("chat", given="hi\n", **at_home)[1].startswith("Hello!")


def test_a_strangers_adapter_of_twelve_lines_is_served(address: str, tmp_path: Path) -> None:
    document = (ROOT / "docs" / "plugins.md").read_text()
    recipe = re.search(r"```python\n((?:(?!```).)*class Parrot.*?)```", document, re.DOTALL)
    assert recipe
    assert len([line for line in recipe[1].splitlines() if line]) == 12
    named = "[nellie.adapters]\nparrot = parrot:Parrot\n"
    install(tmp_path, entry_points=named, parrot=recipe[1])

    code, out, err = run_to_end("run", DATABASE_URL=address, PYTHONPATH=f"{tmp_path}:{ROOT}")

    assert (code, err) == (0, "nellie: serving parrot\n")
    assert out.startswith("Hello! I remember what is said here")


def test_what_is_not_configured_is_not_loaded() -> None:
    heavy = "{'openai', 'discord', 'slack_bolt'}"
    look = f"import bot.__main__, sys; print(sorted({heavy} & {{*sys.modules}}))"

    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)  # noqa: S603  # our own

    assert told.stdout.strip() == "[]"

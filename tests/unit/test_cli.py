"""The `nellie` command as people type it: what it prints, and how it exits."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from doubles.stranger import install
from typer.testing import CliRunner, Result

from bot import __version__
from bot.__main__ import app

LOG = Path(__file__).parent / "archives" / "2005-06-27-ubuntu.log"
ROOT = Path(__file__).parents[2]
IMPORT, RECIPES = ROOT / "docs" / "import.md", ROOT / "CONTRIBUTING.md"
PICTURE = ROOT / "docs" / "conversation.svg"
QUESTION = "can openoffice be removed without ubuntu-desktop?\n"

Nellie = Callable[..., Result]


@pytest.fixture
def nellie(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nellie:
    """Run a command in this process, on a database of the test's own, in an empty folder."""
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **environ: CliRunner().invoke(app, arguments, env=environ)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a Postgres of its own, which every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="nellie-cli-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def start(*arguments: str, **environ: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, in a folder without .env."""
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot", *arguments],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(*arguments: str, given: str = "", **environ: str) -> tuple[int, str, str]:
    """Its exit code, what it printed, and what it complained about."""
    process = start(*arguments, **environ)
    out, err = process.communicate(given, timeout=60)
    return process.returncode, out, err


def ask(chat: "subprocess.Popen[str]") -> str:
    """The first line of what it answers."""
    assert chat.stdin
    assert chat.stdout
    chat.stdin.write("hi\n")
    chat.stdin.flush()
    return chat.stdout.readline()


def test_turns_says_when_nothing_is_owed_and_what_cannot_be_retried(nellie: Nellie) -> None:
    assert nellie("turns").output == "Nothing is owed, and nothing has failed.\n"
    assert nellie("turns", "--json").output == ""
    assert nellie("turns", "retry", "1").exit_code == 1
    assert nellie("turns", "retry").exit_code == 2
    assert "To be answered again: 0" in nellie("turns", "retry", "--all-failed").output


def test_an_imported_log_is_quoted_with_author_and_time_also_after_a_restart(home: Path) -> None:
    at_home = {"NELLIE_HOME": str(home), "DATABASE_URL": ""}

    assert done("import", str(LOG), "-f", "irc", "-c", "ubuntu", **at_home)[:2] == (
        0,
        "ubuntu: 99 imported\n",
    )
    for _ in range(2):
        code, answer, complaints = done("chat", "-c", "ubuntu", given=QUESTION, **at_home)

        assert (code, complaints) == (0, "")
        assert "> owlmanatt, 2005-06-27 09:31: Any way to remove openoffice" in answer
        assert answer in IMPORT.read_text()
        assert packed(answer) in drawn(PICTURE)


def packed(text: str) -> str:
    """Without its spaces and line breaks."""
    return "".join(text.split())


def drawn(picture: Path) -> str:
    """The texts of an SVG, packed."""
    texts = ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314  # ours
    return packed("".join(one.text or "" for one in texts))


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
    assert answer.startswith("Hello!")
    assert chat.returncode == 0


def test_a_strangers_adapter_of_twelve_lines_is_served(address: str, tmp_path: Path) -> None:
    recipe = re.search(r"```python\n(.*?class Parrot.*?)```", RECIPES.read_text(), re.DOTALL)
    assert recipe
    assert len([line for line in recipe[1].splitlines() if line]) == 12
    named = "[nellie.adapters]\nparrot = parrot:Parrot\n"
    install(tmp_path, entry_points=named, parrot=recipe[1])

    code, out, err = done("run", DATABASE_URL=address, PYTHONPATH=f"{tmp_path}:{ROOT}")

    assert (code, err) == (0, "nellie: serving parrot\n")
    assert out.startswith("Hello! I remember what is said here")


def test_an_export_imported_elsewhere_is_the_same_export(nellie: Nellie, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    nellie("import", str(LOG), "-f", "irc", "-c", "one")

    assert nellie("export", "-c", "one", "-o", str(one)).exit_code == 0
    assert nellie("import", str(one), "-f", "jsonl", "-c", "two").stdout == "two: 99 imported\n"
    assert nellie("export", "-c", "two", "-o", str(two)).exit_code == 0

    assert one.read_text() == two.read_text()
    assert len(one.read_text().splitlines()) == 99


def test_importing_again_adds_nothing(nellie: Nellie) -> None:
    nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    again = nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    assert again.stdout == "ubuntu: 0 imported, 99 known already\n"


def test_a_bad_line_is_reported_with_its_place_and_the_rest_imported(
    nellie: Nellie, tmp_path: Path
) -> None:
    entry = {"id": "1", "author": {"id": "a"}, "at": "2024-03-01T08:00:00+00:00"}
    lines = [json.dumps({**entry, "text": "fine"}), "{", json.dumps({**entry, "text": " "})]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(lines))

    done = nellie("import", str(path), "-f", "jsonl", "-c", "x")

    assert (done.exit_code, done.stdout) == (0, "x: 1 imported, 2 not to be read (listed above)\n")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"nellie: {path}:2: it is not JSON")
    assert second.startswith(f"nellie: {path}:3: This message was not remembered: it has no text")


def test_compacting_says_how_many_segments_it_made(nellie: Nellie) -> None:
    nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    made = nellie("compact", NELLIE_WINDOW_HIGH="800", NELLIE_WINDOW_LOW="200")
    again = nellie("compact", NELLIE_WINDOW_HIGH="800", NELLIE_WINDOW_LOW="200")

    assert re.fullmatch(r"ubuntu: segments made: [1-9]\d*\n", made.stdout)
    assert again.stdout == "ubuntu: segments made: 0\n"


@pytest.mark.parametrize(
    ("arguments", "environ", "reason"),
    [
        (["import", "nowhere.txt", "-f", "irc", "-c", "x"], {}, "nowhere.txt: no such file"),
        (["import", str(RECIPES), "-f", "irc", "-c", "x"], {}, "expected an IRC log"),
        (["export", "-c", "nowhere"], {}, "nothing is remembered of nowhere"),
        (["compact", "-c", "nowhere"], {}, "nothing is remembered of nowhere"),
        (["run"], {}, "no platform is configured: set SLACK_BOT_TOKEN or DISCORD_TOKEN"),
        (["chat"], {"NELLIE_MODEL": "hal"}, 'NELLIE_MODEL: The model "hal" cannot be loaded'),
        (["chat"], {"NELLIE_MODELS": "hal"}, 'NELLIE_MODELS: The model "hal" cannot be loaded'),
        (["chat"], {"NELLIE_MODEL": "openai/x", "OPENAI_API_KEY": ""}, "OPENAI_API_KEY: "),
        (["chat"], {"NELLIE_RECAL": "1"}, "is it NELLIE_RECALL?"),
        (["migrate"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL: only postgresql:// works"),
        (["migrate"], {"DATABASE_URL": "", "NELLIE_HOME": "/dev/null"}, "NELLIE_HOME: "),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    nellie: Nellie, arguments: list[str], environ: dict[str, str], reason: str
) -> None:
    failed = nellie(*arguments, **environ)

    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("nellie: ")
    assert reason in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_an_export_that_fails_leaves_the_old_file(nellie: Nellie, tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("precious")

    assert nellie("export", "-c", "nowhere", "-o", str(old)).exit_code == 1

    assert old.read_text() == "precious"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "x", "-f", "irq", "-c", "x"], "there is discord, irc, jsonl, slack"),
        (["import", "x", "-f", "irc"], "Missing option '--channel'"),
        (["chat", "-c", " "], "a channel has a name"),
        (["chat", "--as", "Nellie"], "that is her own name"),
        (["dance"], "No such command 'dance'"),
    ],
)
def test_a_wrong_usage_is_exit_code_2(nellie: Nellie, arguments: list[str], reason: str) -> None:
    refused = nellie(*arguments)

    assert refused.exit_code == 2
    assert reason in refused.stderr


@pytest.mark.parametrize("command", ["chat", "import", "export", "compact", "run", "migrate"])
def test_help_gives_an_example(nellie: Nellie, command: str) -> None:
    shown = nellie(command, "--help")

    assert shown.exit_code == 0
    assert re.search(rf"For example:\n +.*nellie {command}", shown.stdout)


def test_prints_the_version(nellie: Nellie) -> None:
    assert nellie("version").stdout == f"{__version__}\n"


def test_what_is_not_configured_is_not_loaded() -> None:
    heavy = "{'openai', 'discord', 'slack_bolt'}"
    look = f"import bot.__main__, sys; print(sorted({heavy} & {{*sys.modules}}))"

    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)  # noqa: S603  # our own

    assert told.stdout.strip() == "[]"

"""Terminals that lack something, folders that cannot be written to, and two consoles at once."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.terminal import Open, Terminal

from bot.store.database import Database

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, or be somebody else")
NOBODY = (str(shutil.which("setpriv")), "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM": "dumb"},
        {"TERM": ""},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=str,
)
async def test_a_question_is_answered_whatever_the_terminal_lacks(
    open_chat: Open, database: Database, environ: dict[str, str]
) -> None:
    terminal = open_chat(**environ)
    await terminal.sees_meanwhile("you>")

    terminal.types("the café 漢 is open\r")
    await terminal.sees_meanwhile("nellie>")
    terminal.types("exit\r")

    assert await terminal.ends_meanwhile() == 0
    assert "Traceback" not in terminal.shown
    assert await texts(database) == ["the café 漢 is open"]


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "unknown"}], ids=str)
def test_a_dumb_terminal_is_sent_no_controls(open_chat: Open, environ: dict[str, str]) -> None:
    terminal = open_chat(**environ)
    terminal.sees("you>")

    terminal.types("hello there\r")
    terminal.sees("nellie>")
    terminal.types("/memory search hello\r")
    terminal.sees("you: hello there")
    terminal.sees("you>", times=3)
    while "once more leaves" not in terminal.shown and not terminal.has_ended:
        terminal.types("\x03")  # what comes before she reads stops an answer, and there is none
        with suppress(AssertionError):
            terminal.sees("once more leaves", seconds=2)
    terminal.types("\x03")

    assert terminal.ends() == 0
    assert b"\x1b" not in terminal.output


def test_without_colours_there_are_none(open_chat: Open) -> None:
    terminal = open_chat(NO_COLOR="1")
    terminal.sees("you>")
    terminal.types("hello\r")
    terminal.sees("nellie>")
    terminal.types("exit\r")
    terminal.ends()

    colours = (b"\x1b[3%d" % digit for digit in range(8))
    assert not any(colour in terminal.output for colour in colours)
    assert b"\x1b[0;3" not in terminal.output


async def test_forty_columns_are_enough(open_chat: Open, slow_model: OpenAIServer) -> None:
    text = f"{'word ' * 30}end.\n\nA second paragraph."
    slow_model.default_response = CannedResponse(text=text, delay=0.02)
    terminal = open_chat(columns=40, **slow_model.environ)
    await terminal.sees_meanwhile("you>")

    terminal.types("a question that is longer than the line of this terminal is\r")
    await terminal.sees_meanwhile("A second paragraph.")
    await terminal.sees_meanwhile("you>", times=2)

    assert "".join(terminal.shown.split()).count("".join(text.split())) == 1
    assert all(len(row) <= 40 for row in terminal.shown.splitlines())


def test_a_history_that_cannot_be_kept_is_told_once_and_she_goes_on(
    open_chat: Open, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("this is no folder")
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("one\r")
    terminal.sees("nellie>")
    terminal.types("two\r")
    shown = terminal.sees("nellie>", times=2)

    assert "".join(shown.split()).count("isnotkeptforthenexttime") == 1


def test_a_history_that_is_a_link_is_left_alone(open_chat: Open, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "home" / "console-history").symlink_to(tmp_path / "precious")
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("one\r")
    terminal.sees("nellie>")

    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("content", [b"\xff\x00", b"{}\n[1]\nnull\n", b'"a\\u0007b"\n"cut'])
def test_a_history_of_anything_is_no_reason_to_fail(
    open_chat: Open, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "console-history").write_bytes(content)
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("\x1b[A\x15hello\r")

    assert "Traceback" not in terminal.sees("nellie>")


def test_log_lines_go_into_a_file_of_its_owner(open_chat: Open, tmp_path: Path) -> None:
    terminal = open_chat(
        NELLIE_LOG_LEVEL="debug",
        NELLIE_MODEL="openai/m,extractive",
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
        OPENAI_API_KEY="x",
    )
    terminal.sees("you>")
    terminal.types("hello\r")
    terminal.sees("nellie>")
    terminal.types("exit\r")
    terminal.ends()

    log = tmp_path / "home" / "console.log"
    assert "[warning" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    assert "[warning" not in terminal.shown
    assert "[debug" not in terminal.shown


async def test_two_consoles_in_one_channel_each_show_their_own_talk_once(
    open_chat: Open, database: Database
) -> None:
    one, two = open_chat("--as", "ana"), open_chat("--as", "bob")
    await one.sees_meanwhile("ana>")
    await two.sees_meanwhile("bob>")

    one.types("my umbrella is red\r")
    two.types("tomorrow I travel to Bern\r")
    await one.sees_meanwhile("nellie>")
    await two.sees_meanwhile("nellie>")
    one.types("who travels to Bern?\r")
    shown = await one.sees_meanwhile("I travel to Bern")
    one.types("exit\r")
    two.types("exit\r")

    assert await one.ends_meanwhile() == await two.ends_meanwhile() == 0
    assert shown.count("my umbrella is red") == 1
    assert "ana>" not in two.shown
    assert "umbrella" not in two.shown
    assert sorted(await texts(database)) == sorted(
        ["my umbrella is red", "tomorrow I travel to Bern", "who travels to Bern?"]
    )


async def texts(database: Database) -> list[str]:
    """What people said."""
    async with database.autocommit() as connection:
        found = await connection.scalars(
            sa.text("SELECT text FROM message WHERE author_id <> 'nellie' ORDER BY seq")
        )
        return list(found)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    made = Path(tempfile.mkdtemp(prefix="nellie-folder-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@AS_ROOT
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_data_folder_of_another_user_is_told_in_one_sentence(folder: Path, mode: int) -> None:
    program = (*NOBODY, sys.executable, "-m", "bot")
    if subprocess.run([*program[:-2], "-c", ""], check=False).returncode:  # noqa: S603
        pytest.skip("this Python is closed to other users")
    home = folder / "home"
    home.mkdir()
    home.chmod(mode)

    with Terminal("chat", program=program, NELLIE_HOME=str(home)) as terminal:
        assert terminal.ends() == 1

    shown = terminal.shown
    assert "Traceback" not in shown
    assert str(home) in "".join(shown.split())
    assert shown.startswith("nellie: ")


@AS_ROOT
def test_no_write_access_with_a_database_elsewhere_is_no_hindrance(
    address: str, folder: Path
) -> None:
    home = folder / "home"
    home.mkdir(0o755)

    with Terminal("chat", DATABASE_URL=address, NELLIE_HOME="/proc/nellie") as terminal:
        terminal.sees("you>")
        terminal.types("hello\r")
        terminal.sees("nellie>")
        terminal.types("exit\r")

        assert terminal.ends() == 0


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S603, S607


@AS_ROOT
def test_a_full_disk_is_told_in_one_sentence_where_the_database_is_to_be_made(
    small_disk: Path,
) -> None:
    with Terminal("chat", NELLIE_HOME=str(small_disk / "home")) as terminal:
        assert terminal.ends() == 1

    assert "Traceback" not in terminal.shown
    assert "space" in terminal.shown.replace("\n", "")


@AS_ROOT
def test_a_full_disk_stops_neither_typing_nor_answers_nor_the_log(
    address: str, small_disk: Path
) -> None:
    (small_disk / "home").mkdir()
    (small_disk / "filler").write_bytes(b"x" * 2**20)

    given = {"DATABASE_URL": address, "NELLIE_HOME": str(small_disk / "home")}
    with Terminal("chat", NELLIE_LOG_LEVEL="debug", **given) as terminal:
        terminal.sees("you>")
        terminal.types("hello\r")
        shown = terminal.sees("nellie>")
        terminal.types("hello again\r")
        terminal.sees("nellie>", times=2)
        terminal.types("exit\r")

        assert terminal.ends() == 0

    assert "Traceback" not in terminal.shown
    assert "No space left on device" in " ".join(shown.split())

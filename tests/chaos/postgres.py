"""The Postgres of a chaos run: it restarts, crashes, stalls, and its connections are cut."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from doubles.sample_messages import patient_rows, rows

from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded
from bot.store.locks import LockKind
from bot.testing.postgres import temporary_folder

Restart = Literal["fast", "immediate"]

SAFE_COMMITS = {"fsync": "off"}
"""Commits survive the server's processes, if not the machine."""

# Any connections, or those that are replicas' heartbeats.
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND :heartbeats = (pid IN (
            SELECT pid FROM pg_locks
            WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind))
        ORDER BY random() LIMIT CASE WHEN :heartbeats THEN 1 ELSE :count END) unlucky
"""
# Lanes in the hands of a replica that is no more.
_ORPHANS = """
    SELECT channel_id, lane, epoch FROM lane WHERE owner IS NOT NULL AND owner NOT IN (
        SELECT CAST(objid AS bigint) FROM pg_locks
        WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted)
"""
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_HEARTBEAT = int(LockKind.HEARTBEAT)


@dataclass
class Postgres:
    """A server of its own, whose commits survive its processes, and a way to look into it."""

    server: embedded.EmbeddedPostgres
    home: Path
    database: Database
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        """The address of its database."""
        return self.server.url

    async def restart(self, how: Restart) -> None:
        """Shut it down or let it crash, and start it again."""
        async with self._restarting:
            await asyncio.to_thread(self._restart, _SIGNALS[how])

    def _restart(self, how: signal.Signals) -> None:
        os.kill(read_pid(self.home), how)
        while not self.server.revive():
            time.sleep(0.1)

    async def cut_connections(self, count: int) -> None:
        """Cut so many connections, none of them a heartbeat. Raises DatabaseUnavailable."""
        await rows(self.database, CUT, heartbeats=False, kind=_HEARTBEAT, count=count)

    async def cut_heartbeat(self) -> None:
        """Cut the connection of one replica's heartbeat. Raises DatabaseUnavailable."""
        await rows(self.database, CUT, heartbeats=True, kind=_HEARTBEAT, count=1)

    async def stall(self, seconds: float) -> None:
        """Nothing that is said can be stored for so long. Raises what Postgres does."""
        async with self.database.begin() as connection:
            await connection.execute(sa.text("LOCK TABLE message, turn IN ACCESS EXCLUSIVE MODE"))
            await connection.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    async def orphans(self) -> set[tuple[int, str, int]]:
        """(channel, lane, epoch) of the lanes whose replica has died."""
        return set(await self.rows(_ORPHANS, kind=_HEARTBEAT))

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """Rows, as soon as Postgres gives them."""
        return await patient_rows(self.database, sql, **values)


def read_pid(home: Path) -> int:
    """The process id of the server in this folder."""
    return int((home / "pg18" / "postmaster.pid").read_text().split()[0])


@asynccontextmanager
async def open_postgres(schema_changes: Sequence[str] = ()) -> AsyncIterator[Postgres]:
    """A new migrated server, thrown away at the end; its schema may be changed in some respect."""
    with temporary_folder("nellie-chaos-", in_memory=True) as folder:
        home = folder / "home"
        server = await asyncio.to_thread(embedded.start, home, settings=SAFE_COMMITS)
        database = Database(server.url, pool=3)
        try:
            await schema.migrate(database)
            postgres = Postgres(server, home, database)
            for sql in schema_changes:
                await postgres.rows(sql)
            yield postgres
        finally:
            await database.close()
            await asyncio.to_thread(server.stop)

"""Advisory locks: work that one replica at a time does, named in one place.

Postgres releases them by itself when a process dies. They are taken on one connection outside of
the pool, so that work which waits for a model holds no connection that others need.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import IntEnum, unique

import sqlalchemy as sa

from bot.domain.errors import DatabaseUnavailable
from bot.store.database import Database
from bot.store.dedicated_connection import DedicatedConnection
from bot.store.sql_files import load

_SQL = load("locks")

MIGRATION_LOCK = 0x4E454C4C
"""The one number of the lock under which tables are changed: "NELL", which no other program on the
server takes. Replicas of different versions share it, as they share those below."""


@unique
class LockKind(IntEnum):
    """The first number of every other lock; the second says of what."""

    HEARTBEAT = 77
    """By replica: it lives as long as its connection holds this lock."""
    COMPACTION = 78
    """By channel."""
    EMBEDDING = 79
    """By channel."""
    BACKFILL = 80
    """By channel: one replica reads its history in."""
    REVIEW = 81
    """By channel: one replica looks for what was deleted or edited meanwhile."""
    QUOTAS = 82
    """By whose quotas they are (bot.store.reservations): calls reserve one after another."""
    RULE = 83
    """By rule: one replica labels what has arrived."""


Name = tuple[LockKind, int]


class Locks:
    """The locks that this replica holds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held = set[Name]()
        self._connection: DedicatedConnection | None = None
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def holding(self, kind: LockKind, key: int) -> AsyncIterator[bool]:
        """Try a lock; False when somebody holds it, here or elsewhere.

        Should the connection break meanwhile, others may take it: what is done under a lock must
        bear that. Raises DatabaseUnavailable.
        """
        name = kind, key % 2**31
        if name in self._held:  # to its own session, Postgres would grant it once more
            yield False
            return
        self._held.add(name)
        try:
            connection = await self._lock(name)
            try:
                yield connection is not None
            finally:
                if connection is not None:
                    await asyncio.shield(self._unlock(name, connection))
        finally:
            self._held.discard(name)

    async def close(self) -> None:
        """Release everything that is still held."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _lock(self, name: Name) -> DedicatedConnection | None:
        """As `_try`; cancelled, it holds nothing.

        Cancelled a second time, it gives up the connection with all its locks.
        """
        trying = asyncio.ensure_future(self._try(name))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            with suppress(DatabaseUnavailable):
                if connection := await trying:
                    await self._unlock(name, connection)
            raise

    async def _try(self, name: Name) -> DedicatedConnection | None:
        """The connection that holds the lock now; None when another session does."""
        async with self._one_at_a_time:
            if self._connection is None or self._connection.broken:
                await self.close()
                self._connection = await self._database.dedicated()
            connection = self._connection
            return connection if await self._execute(_SQL.try_lock, name, connection) else None

    async def _unlock(self, name: Name, connection: DedicatedConnection) -> None:
        async with self._one_at_a_time:
            if connection is self._connection:  # else Postgres has released it already
                with suppress(DatabaseUnavailable):
                    await self._execute(_SQL.unlock, name, connection)

    async def _execute(
        self, sql: sa.TextClause, name: Name, connection: DedicatedConnection
    ) -> bool:
        kind, key = name
        try:
            return bool((await connection.execute(sql, {"kind": int(kind), "key": key})).scalar())
        except BaseException:  # nobody knows what it holds now: without its session, nothing
            await self.close()
            raise

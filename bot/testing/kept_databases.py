"""Opened databases that the next test goes on with: where all tests share one event loop."""

import asyncio
from typing import Any

from bot.store.database import Database
from bot.testing.reused_databases import ReusedDatabases


class KeptDatabases:
    """Of each database, what the last test left open, if nobody was still at work on it.

    A connection that is new has Postgres' catalogues to read and its statements to plan: for a
    test that asks Nellie one question, most of the work there is.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, Database] = {}

    def open(self, address: str) -> Database:
        """The same as the last test had, or a new one."""
        return self._kept.pop(address, None) or Database(address)

    async def leave(self, database: Database) -> None:
        """A test is done with it."""
        if asyncio.get_running_loop() is self._loop and _is_idle(database):
            self._kept[database.url] = database
        else:
            await database.close()

    async def give_back(self, databases: ReusedDatabases, name: str, address: str) -> None:
        """Give a database back, with what is kept of it; nothing is where it was dropped."""
        kept = self._kept.get(address)
        staying = _connections(kept) if kept else 0
        if not await databases.give_back(name, staying=staying) and kept:
            await self._kept.pop(address).close()

    async def close(self) -> None:
        """Keep none."""
        for database in self._kept.values():
            await database.close()
        self._kept.clear()


def _connections(database: Database) -> int:
    """How many its pool has, lent or not."""
    pool: Any = database.engine.pool
    return int(pool.checkedin() + pool.checkedout())


def _is_idle(database: Database) -> bool:
    """Whether only the statements of answers hold connections, and none of those is in use."""
    pool: Any = database.engine.pool
    free = database._hot._free
    usable = not any(one.driver.is_closed() or one.driver.is_in_transaction() for one in free)
    return usable and len(free) == pool.checkedout()

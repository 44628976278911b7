"""Migrated databases for tests: used again where a test left nothing that cannot be deleted."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

from bot.domain.errors import NellieError
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.sql_files import load

_SQL = load("reused_databases", Path(__file__).parent)

LARGEST = 4 * 2**20  # bytes by which a database may grow until it is thrown away
LEAVING = 20  # looks, 10 ms apart, until those who used a database must have left it


class ReusedDatabases:
    """Copies of a migrated database, one for each test at work.

    To copy and to drop one costs twenty times as much as to empty it.
    """

    def __init__(self, server: EmbeddedPostgres, template: str) -> None:
        self._server = server
        self._template = template
        self._empty: list[str] = []
        self._state = ""
        self._size = 0

    async def take(self) -> str:
        """The name of a database in which there is nothing."""
        if self._empty:
            return self._empty.pop()
        name = f"test_{secrets.token_hex(6)}"
        await execute(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        if not self._state:
            await self._learn(name)
        return name

    async def give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it if that would not make it as it was."""
        if await self._emptied(name):
            self._empty.append(name)
        else:
            await execute(self._server, f"DROP DATABASE {name} WITH (FORCE)")

    async def _learn(self, name: str) -> None:
        database = Database(self._server.address(name), pool=1)
        self._state = await _value(database, _SQL.state)
        self._size = await _value(database, _SQL.size)
        await database.close()

    async def _emptied(self, name: str) -> bool:
        database = Database(self._server.address(name), pool=1)
        try:
            if not await self._is_as_it_was(database):
                return False
            await empty(database)
            return True
        except NellieError:
            return False
        finally:
            await database.close()

    async def _is_as_it_was(self, database: Database) -> bool:
        """Whether nobody is at work in it, its tables are the same, and none is large."""
        for _ in range(LEAVING):
            if not await _value(database, _SQL.others):
                break
            await asyncio.sleep(0.01)
        else:
            return False
        state, size = await _value(database, _SQL.state), await _value(database, _SQL.size)
        return bool(state == self._state and size < self._size + LARGEST)


async def empty(database: Database) -> None:
    """Delete what stands in all tables, and let numbers begin anew."""
    async with database.autocommit() as connection:
        await connection.execute(_SQL.empty)


async def execute(server: EmbeddedPostgres, sql: str) -> None:
    """Run one statement of an administrator."""
    admin = Database(server.address("postgres"), pool=1)
    async with admin.autocommit() as connection:
        await connection.exec_driver_sql(sql)
    await admin.close()


async def _value(database: Database, sql: Any) -> Any:
    async with database.autocommit() as connection:
        return await connection.scalar(sql)

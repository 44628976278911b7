"""Migrated databases for tests: used again where a test left nothing that cannot be deleted."""

import asyncio
import secrets
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.domain.errors import DatabaseUnavailable, NellieError
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
from bot.store.sql_files import load

_SQL = load("reused_databases", Path(__file__).parent)

T = TypeVar("T")

LARGEST = 4 * 2**20  # bytes by which a database may grow until it is thrown away
PAUSES = (*(0.001, 0.002, 0.004, 0.008), *[0.01] * 19)
"""Seconds between looks until those who used a database must have left it."""


class ReusedDatabases:
    """Copies of a migrated database, one for each test at work; closed at the end of its block.

    To copy and to drop one costs twenty times as much as to empty it; and to empty it on a new
    connection, which has all of Postgres' catalogues to read, four times as much as on one that
    stays. Those that stay live in a thread: each test has an event loop of its own.
    """

    def __init__(self, server: EmbeddedPostgres, template: str) -> None:
        self._server = server
        self._template = template
        self._empty: list[str] = []
        self._opened: dict[str, Database] = {}
        self._state = ""
        self._size = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def take(self) -> str:
        """The name of a database in which there is nothing."""
        return await self._there(self._take())

    async def give_back(self, name: str, *, staying: int = 0) -> bool:
        """Empty it for the next test, or drop it if that would not make it as it was.

        So many connections to it stay open; returns whether all of them can be used again.
        """
        return await self._there(self._give_back(name, staying))

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _take(self) -> str:
        if self._empty:
            return self._empty.pop()
        name = f"test_{secrets.token_hex(6)}"
        await self._administer(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        self._opened[name] = Database(self._server.address(name), pool=1)
        if not self._state:
            self._state, self._size, _ = await self._look(name)
        return name

    async def _give_back(self, name: str, staying: int) -> bool:
        stayed = await self._emptied(name, staying)
        if stayed is None:
            await self._opened.pop(name).close()
            await self._administer(f"DROP DATABASE {name} WITH (FORCE)")
            return False
        self._empty.append(name)
        return stayed == staying

    async def _emptied(self, name: str, staying: int) -> int | None:
        """How many others are connected to it; None where it is not as it was."""
        try:
            stayed = await self._stayed(name, staying)
            if stayed is not None:
                await empty(self._opened[name])
            return stayed
        except NellieError:
            return None

    async def _stayed(self, name: str, staying: int) -> int | None:
        """The same, once nobody else is at work there: its tables are the same, none is large."""
        for pause in PAUSES:
            state, size, others = await self._look(name)
            if others <= staying:
                same = state == self._state and size < self._size + LARGEST
                return int(others) if same else None
            await asyncio.sleep(pause)
        return None

    async def _look(self, name: str) -> Any:
        try:
            return await _row(self._opened[name])
        except DatabaseUnavailable:  # the test has cut all connections, this one too
            return await _row(self._opened[name])

    async def _administer(self, sql: str) -> None:
        admin = self._opened.setdefault("", Database(self._server.address("postgres"), pool=1))
        async with admin.autocommit() as connection:
            await connection.exec_driver_sql(sql)

    async def _close(self) -> None:
        for database in self._opened.values():
            await database.close()


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


async def _row(database: Database) -> Any:
    async with database.autocommit() as connection:
        return (await connection.execute(_SQL.look)).one()

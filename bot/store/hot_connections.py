"""The connections for what every answer runs: its statements go straight to asyncpg.

What SQLAlchemy does around a statement takes ten times as long as asyncpg's own work on it. The
connections are the engine's, opened and checked as all others are; some of them stay here.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.errors import NellieError
from bot.store.locked_statements import LockedStatement, LockedStatements
from bot.store.parameters import inlined, numbered


class Row(asyncpg.Record):  # type: ignore[misc]  # asyncpg has no types
    """A row whose columns are attributes, as those of SQLAlchemy are."""

    def __getattr__(self, column: str) -> Any:
        try:
            return self[column]
        except KeyError:
            raise AttributeError(column) from None


# These statements look for rows by their keys, and their plans serve for as long as a connection
# lives: one made while a table was empty must not read all of it when it has grown. It may take a
# worse one of its indexes, until autovacuum analyzes the table and all are planned anew. What has
# twenty parts takes longer to plan than to run, and is planned no better for the values of one run;
# to compile it takes longer still.
_PLANNING = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off"

CLOSING = 2.0  # seconds until one that does not close is cut off

Fetch = Callable[[sa.TextClause, Mapping[str, object]], Awaitable[list[Row]]]
"""Runs a statement and gives its rows."""


class _Lent(NamedTuple):
    """A connection that was taken out of the pool."""

    connection: AsyncConnection
    driver: Any
    """asyncpg's own; that it is one is known to no type."""


class HotConnections:
    """Up to so many connections of an engine's; without any, each statement borrows one."""

    def __init__(self, engine: AsyncEngine, *, most: int, patience: float = 0) -> None:
        """Where all that are open are lent, one is waited for with `patience` (seconds).

        Only then another is opened: most statements take a millisecond, a connection 10 MB.
        """
        self._engine = engine
        self._most = most
        self._patience = patience
        self._awaited: deque[asyncio.Future[_Lent]] = deque()
        self._lent = 0
        self._slots = asyncio.Semaphore(most)
        self._free: list[_Lent] = []
        self._broken: list[_Lent] = []
        self._unneeded = 0
        """So many were always free since the last rest: the first of the free ones."""
        self._locked_statements = LockedStatements()

    async def fetch(self, sql: sa.TextClause, values: Mapping[str, object]) -> list[Row]:
        """The rows of a statement that stands alone."""
        async with _Lending(self) as driver:
            return await _fetch(driver, sql, values)

    async def fetch_locked(
        self, locked: LockedStatement, values: Mapping[str, object]
    ) -> list[Row]:
        """The rows of a statement behind locks, committed: in one round trip where that can be."""
        async with _Lending(self) as driver:
            if self._most and (call := await self._locked_statements.call(driver, locked)):
                return await _run(driver, call, locked.names, values)
            async with driver.transaction(isolation="read_committed"):
                for sql in locked.locks:
                    if not await _fetch(driver, sql, values):
                        return []
                return await _fetch(driver, locked.statement, values)

    @asynccontextmanager
    async def locked(self, lock: sa.TextClause, **numbers: int) -> AsyncIterator[Fetch]:
        """A transaction that begins with a lock: both travel together."""
        async with _Lending(self) as driver:
            await driver.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED; {inlined(lock, numbers)}")
            try:
                yield lambda sql, values: _fetch(driver, sql, values)
            except Exception:
                if not driver.is_closed():
                    await driver.execute("ROLLBACK")
                raise
            await driver.execute("COMMIT")

    async def rest(self) -> None:
        """Close what nobody has needed since the last time; the last free one stays."""
        resting = self._free[:-1][: self._unneeded]
        del self._free[: len(resting)]
        self._unneeded = len(self._free)
        try:
            for lent in resting:
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await lent.driver.close(timeout=CLOSING)  # or it is cut off
        finally:
            self._broken += resting
        await self._put_away()

    async def close(self) -> None:
        """Give all of them back."""
        self._broken += self._free
        self._free.clear()
        await self._put_away()

    async def borrow(self) -> _Lent:
        """One of them, or of the pool. Raises SQLAlchemy's TimeoutError where all are in use."""
        if not self._most:
            return await self._open()
        await self._wait_for_slot()
        self._lent += 1
        try:
            return await self._take()
        except BaseException:
            self._lent -= 1
            self._slots.release()
            raise

    async def give_back(self, lent: _Lent, error: BaseException | None) -> None:
        """It was borrowed, and what was done with it ended with this."""
        if not self._most:
            await asyncio.shield(lent.connection.close())
            return
        self._lent -= 1
        self._slots.release()
        # After these, the connection is as good as before.
        if error is None or isinstance(error, asyncpg.PostgresError | NellieError):
            self._keep(lent)
        else:
            self._drop(lent)

    async def _wait_for_slot(self) -> None:
        """As long as for a connection of the pool. Raises SQLAlchemy's TimeoutError."""
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._engine.pool.timeout()):  # type: ignore[attr-defined]
                await self._slots.acquire()
        except TimeoutError:
            raise PoolTimeout from None

    async def _take(self) -> _Lent:
        others = self._lent - len(self._awaited) - 1
        if self._patience and not self._free and others:
            self._free += await self._wait_for_another()
        while self._free:
            lent = self._free.pop()
            self._unneeded = min(self._unneeded, len(self._free))
            if not lent.driver.is_closed():
                return lent
            self._broken.append(lent)
        await self._put_away()
        lent = await self._open()
        try:
            await lent.driver.execute(_PLANNING)
        except BaseException:
            self._drop(lent)
            raise
        return lent

    async def _wait_for_another(self) -> list[_Lent]:
        """The one that is given back meanwhile, to who came first; or none."""
        back: asyncio.Future[_Lent] = asyncio.get_running_loop().create_future()
        self._awaited.append(back)
        try:
            async with asyncio.timeout(self._patience):
                return [await asyncio.shield(back)]
        except TimeoutError:
            return [back.result()] if back.done() else []
        except BaseException:
            if back.done():
                self._keep(back.result())
            raise
        finally:
            if not back.done():
                self._awaited.remove(back)

    async def _open(self) -> _Lent:
        connection = await self._engine.connect()
        return _Lent(connection, (await connection.get_raw_connection()).driver_connection)

    def _keep(self, lent: _Lent) -> None:
        if lent.driver.is_closed() or lent.driver.is_in_transaction():
            self._drop(lent)
        elif self._awaited:
            self._awaited.popleft().set_result(lent)
        else:
            self._free.append(lent)

    def _drop(self, lent: _Lent) -> None:
        """Cut it off: nobody knows what still runs there. The pool hears of it later."""
        lent.driver.terminate()
        self._broken.append(lent)

    async def _put_away(self) -> None:
        while self._broken:
            connection, driver = self._broken.pop()
            if driver.is_closed():
                await connection.invalidate()
            await connection.close()


class _Lending:
    """A connection that is borrowed for a block. A class: it is entered for every statement."""

    __slots__ = ("_hot", "_lent")

    def __init__(self, hot: HotConnections) -> None:
        self._hot = hot

    async def __aenter__(self) -> Any:
        self._lent = await self._hot.borrow()
        return self._lent.driver

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        await self._hot.give_back(self._lent, error)


async def _fetch(driver: Any, sql: sa.TextClause, values: Mapping[str, object]) -> list[Row]:
    text, names = numbered(sql)
    return await _run(driver, text, names, values)


async def _run(
    driver: Any, text: str, names: tuple[str, ...], values: Mapping[str, object]
) -> list[Row]:
    rows: list[Row] = await driver.fetch(text, *[values[name] for name in names], record_class=Row)
    return rows

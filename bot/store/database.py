"""Connections to Postgres: the engine on asyncpg, and the one way in which statements reach it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.errors import DatabaseUnavailable
from bot.store.address import split_address
from bot.store.dedicated_connection import DedicatedConnection
from bot.store.error_mapping import POOL_TIMEOUT, mapped_errors, mapped_refusals
from bot.store.hot_connections import Fetch, HotConnections, Row
from bot.store.locked_statements import LockedStatement
from bot.store.pooler import refuse_pooler_of_transactions
from bot.store.sql_files import load

_SQL = load("database")

POOL = 11  # connections that the work of one replica shares
LAPTOP_POOL = 6  # the same on the embedded Postgres: each takes 12 MB, and they share few cores
COLD = 4  # of either, never kept by the statements of answers: for all else
CONNECTIONS = POOL + 2  # of one replica: its heartbeat and its locks have one each
FROZEN = 5_000  # milliseconds that a transaction may stand still; its locks hold up the others
PATIENCE = 0.5  # seconds between attempts to reach a database that is away


class Database:
    """Connections to one Postgres."""

    def __init__(
        self, url: str, *, pool: int = POOL, read_only: bool = False, patience: float = 0
    ) -> None:
        """`patience`: seconds until an answer that finds a connection in use opens another."""
        self.url = url
        self.read_only = read_only
        parsed, connect_args = split_address(url)
        self.engine: AsyncEngine = create_async_engine(
            parsed,
            # As few as will do, each with its statements prepared; what overflows would be thrown
            # away after one use.
            pool_size=pool,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=POOL_TIMEOUT,
            hide_parameters=True,  # what people said is nothing for a log
            connect_args=connect_args,
        )
        sa.event.listen(self.engine.sync_engine, "connect", _set_up)
        if read_only:
            sa.event.listen(self.engine.sync_engine, "connect", _refuse_writes)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        most = max(0, pool - COLD)
        self._hot = HotConnections(self._autocommit, most=most, patience=patience)
        self._dedicated = create_async_engine(
            parsed,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=connect_args,
        )

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction. Raises DatabaseUnavailable when Postgres is away."""
        with mapped_errors():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """For one statement that stands alone: no round trips for BEGIN and COMMIT."""
        with mapped_errors():
            async with self._autocommit.connect() as connection:
                yield connection

    async def fetch(self, sql: sa.TextClause, values: Mapping[str, object]) -> list[Row]:
        """The rows of one statement that stands alone, without SQLAlchemy's work on it.

        For what every answer runs.
        """
        with mapped_errors():
            return await self._hot.fetch(sql, values)

    async def fetch_locked(
        self, locked: LockedStatement, values: Mapping[str, object]
    ) -> list[Row]:
        """The same for a statement behind locks: none where one of them finds no row."""
        with mapped_errors():
            return await self._hot.fetch_locked(locked, values)

    @asynccontextmanager
    async def locked(self, lock: sa.TextClause, **numbers: int) -> AsyncIterator[Fetch]:
        """The same for a transaction that begins with a lock."""
        with mapped_errors():
            async with self._hot.locked(lock, **numbers) as fetch:
                yield fetch

    async def dedicated(self) -> DedicatedConnection:
        """A connection outside of the pool; whoever asks closes it. Raises DatabaseUnavailable."""
        return await DedicatedConnection.open(self._dedicated)

    async def wait(self, say: Callable[[str], None], *, seconds: float | None = None) -> None:
        """Return once Postgres answers; say so once when it does not yet. Raises SettingsError."""
        started, reported = time.monotonic(), False
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._ping()
                return
            except TimeoutError:  # something takes the connection, and says nothing
                reason = f"no answer within {seconds:g} s"
                raise DatabaseUnavailable(reason=reason) from None
            except DatabaseUnavailable as error:
                if seconds is not None and time.monotonic() - started > seconds:
                    raise
                if not reported:
                    say(error.while_retrying)
                    reported = True
                await asyncio.sleep(PATIENCE)

    async def _ping(self) -> None:
        with mapped_refusals():
            await refuse_pooler_of_transactions(self._dedicated)
            async with self.begin() as connection:
                await connection.execute(_SQL.ping)

    async def analyze(self) -> None:
        """Let the planner know what a big import brought; in daily life it learns by itself."""
        async with self.autocommit() as connection:
            await connection.execute(_SQL.analyze)

    async def rest(self) -> None:
        """Close the connections of answers that nobody has needed since the last time."""
        await self._hot.rest()

    async def close(self) -> None:
        """Give all connections back."""
        await self._hot.close()
        await self.engine.dispose()
        await self._dedicated.dispose()


def _set_up(connection: DBAPIConnection, record: object) -> None:
    """Not among the start-up parameters, which connection poolers refuse.

    What stands behind a lock is to see what was committed before that was granted, whatever the
    server's own default is.
    """
    settings = (
        f"SET idle_in_transaction_session_timeout = {FROZEN};"
        " SET default_transaction_isolation = 'read committed'"
    )
    connection.run_async(lambda driver: driver.execute(settings))


def _refuse_writes(connection: DBAPIConnection, record: object) -> None:
    """Let Postgres itself refuse what would change anything."""
    connection.run_async(lambda driver: driver.execute("SET default_transaction_read_only = on"))

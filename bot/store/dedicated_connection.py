"""A connection outside of the pool, for what lives as long as its session: locks, notifications."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.errors import DatabaseUnavailable, NellieError
from bot.store.error_mapping import mapped_errors, reason_of


class DedicatedConnection:
    """A connection that its owner closes. Each of its statements is a transaction of its own."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self._closed = asyncio.Event()
        driver.add_termination_listener(lambda _: self._closed.set())

    @classmethod
    async def open(cls, engine: AsyncEngine) -> "DedicatedConnection":
        """Raises DatabaseUnavailable."""
        with mapped_errors():
            connection = await engine.connect()
            return cls(connection, (await connection.get_raw_connection()).driver_connection)

    @property
    def broken(self) -> bool:
        """Whether its session has ended, and with it all locks: this side knows it first."""
        return self._closed.is_set() or bool(self._driver.is_closed())

    async def wait_until_broken(self, seconds: float) -> None:
        """Wait so long, or until the session ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()

    async def listen(self, channel: str, hear: Callable[[str], object]) -> None:
        """Call `hear` with the text of every notification. Raises DatabaseUnavailable."""
        with self._mapped_errors():
            await self._driver.add_listener(channel, lambda *heard: hear(heard[-1]))

    async def execute(
        self, sql: sa.TextClause, values: Mapping[str, object]
    ) -> sa.CursorResult[Any]:
        """Raises DatabaseUnavailable, whatever it is that a broken connection raises."""
        with self._mapped_errors():
            return await self._connection.execute(sql, values)

    async def close(self) -> None:
        """End the session, and with it its locks, in whatever state it is."""
        with suppress(DatabaseUnavailable), self._mapped_errors():
            await self._connection.invalidate()
            await self._connection.close()

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        """What breaks in the midst of something raises what that happened to need."""
        try:
            with mapped_errors():
                yield
        except NellieError:
            raise
        except Exception as error:
            if self.broken:
                raise DatabaseUnavailable(reason=reason_of(error)) from error
            raise

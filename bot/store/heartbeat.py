"""A replica's sign of life: a lock that Postgres releases when the replica's connection breaks."""

import asyncio
import secrets
import time
from collections.abc import Callable

from bot.domain.errors import DatabaseUnavailable
from bot.store.database import Database
from bot.store.dedicated_connection import DedicatedConnection
from bot.store.error_mapping import mapped_errors
from bot.store.file_news import FILE_NEWS
from bot.store.locks import LockKind
from bot.store.sql_files import load

_SQL = load("heartbeat")

STOP_REQUESTS = "nellie_stop"  # where replicas tell each other which turn to stop
NOBODY = 0  # no replica's number: a lane that it owns is taken over at the next look
MARGIN = 0.8  # the share of the lease in which we trust our own clock


class Heartbeat:
    """One replica, from the moment it registers until its connection to Postgres breaks.

    A new registration is a new replica: its leases start from nothing, and what the former one
    left is taken over like a stranger's.
    """

    def __init__(
        self, database: Database, *, lease: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock
        self._connection: DedicatedConnection | None = None
        self._alive_until = 0.0
        self.owner = 0
        self.replicas = 1
        """How many share the database, as of the last beat; this one is among them."""
        self.on_stop: Callable[[int], object] = lambda turn_id: None
        """Called with each turn that somebody wants stopped, wherever it runs."""
        self.on_file: Callable[[int], object] = lambda channel_id: None
        """Called with each channel of which a file was read, by whichever replica."""

    def alive(self) -> bool:
        """Whether this replica's leases are certainly still good, also after being frozen."""
        connected = self._connection is not None and not self._connection.broken
        return connected and self._clock() < self._alive_until

    def holds(self, owner: int) -> bool:
        """Whether this replica is that owner of a lane, with a lease that is certainly good."""
        return owner == self.owner and self.alive()

    async def register(self) -> None:
        """Become a replica. Raises DatabaseUnavailable."""
        await self.leave()
        now, owner = self._clock(), secrets.randbelow(2**31 - 1) + 1
        # A connection of its own: whatever else is busy, the sign of life is not.
        connection = await self._database.dedicated()
        try:
            await connection.listen(STOP_REQUESTS, lambda text: _tell(self.on_stop, text))
            await connection.listen(FILE_NEWS, lambda text: _tell(self.on_file, text))
            await connection.execute(_SQL.lock, {"kind": int(LockKind.HEARTBEAT), "owner": owner})
            self.replicas = await _count_replicas(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection, self.owner = connection, owner
        self._alive_until = now + self._lease * MARGIN

    async def beat(self) -> list[tuple[int, str, int]]:
        """Renew every lease; returns (channel, lane, epoch) of each.

        Raises DatabaseUnavailable: then this replica is no more, and must register again.
        """
        now = self._clock()
        try:
            with mapped_errors():
                async with asyncio.timeout(self._lease):
                    renewed = await self._renew_leases()
        except BaseException:
            self._alive_until = 0.0
            raise
        self._alive_until = now + self._lease * MARGIN
        return renewed

    async def _renew_leases(self) -> list[tuple[int, str, int]]:
        connection = self._live_connection()
        values = {"owner": self.owner, "lease": self._lease}
        rows = (await connection.execute(_SQL.renew_leases, values)).all()
        self.replicas = await _count_replicas(connection)
        self._live_connection()
        return [(row.channel_id, row.lane, row.epoch) for row in rows]

    def _live_connection(self) -> DedicatedConnection:
        """Leases that were void for a moment stay void: others may have taken the lanes over."""
        if self._connection is None or self._connection.broken:
            raise DatabaseUnavailable(reason="the connection of the heartbeat broke")
        if not self.alive():
            raise DatabaseUnavailable(reason="everything stood still for longer than a lease")
        return self._connection

    async def wait_until_broken(self, seconds: float) -> None:
        """Wait so long, or until the connection breaks."""
        if self._connection is None:
            await asyncio.sleep(seconds)
        else:
            await self._connection.wait_until_broken(seconds)

    async def leave(self) -> None:
        """Release the lock; what is still owed is taken over at once."""
        self._alive_until = 0.0
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _tell(hear: Callable[[int], object], number: str) -> None:
    """Any program that shares the database may send anything here."""
    if number.isascii() and number.isdecimal():
        hear(int(number))


async def _count_replicas(connection: DedicatedConnection) -> int:
    values = {"kind": int(LockKind.HEARTBEAT)}
    return max(1, (await connection.execute(_SQL.count_replicas, values)).scalar() or 0)

"""A replica's sign of life: a lock that Postgres lets go of when the replica's line dies."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DatabaseUnavailable
from bot.store.database import Database, named_faults

STOPPING = "nellie_stop"  # where replicas tell each other which turn to stop
PRESENCE = 77  # the kind of that lock, among advisory locks
NOBODY = 0  # no replica's number: a lane that it owns is taken over at the next look
MARGIN = 0.8  # the share of the lease in which we trust our own clock


class Presence:
    """One replica, from the moment it registers until its line to Postgres breaks.

    A new registration is a new replica: its leases start from nothing, and what the former one
    left is taken over like a stranger's.
    """

    def __init__(
        self, database: Database, *, lease: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock
        self._line: AsyncConnection | None = None
        self._broken = asyncio.Event()
        self._alive_until = 0.0
        self.owner = 0
        self.replicas = 1
        """How many share the database, as of the last beat; this one is among them."""
        self.heard: Callable[[int], object] = lambda turn_id: None
        """Called with each turn that somebody wants stopped, wherever it runs."""

    def alive(self) -> bool:
        """Whether this replica's leases are certainly still good, also after being frozen."""
        return self._clock() < self._alive_until and not self._broken.is_set()

    async def register(self) -> None:
        """Become a replica. Raises DatabaseUnavailable."""
        await self.leave()
        now, owner, broken = self._clock(), secrets.randbelow(2**31 - 1) + 1, asyncio.Event()
        with named_faults():
            # A line of its own: whatever else is busy, the sign of life is not.
            line = await self._database.engine.connect()
            try:
                # Others see the lock go when the line breaks, so this side must not see it later.
                raw = (await line.get_raw_connection()).driver_connection
                raw.add_termination_listener(lambda _: broken.set())  # type: ignore[union-attr]  # asyncpg's
                await raw.add_listener(STOPPING, self._hear)  # type: ignore[union-attr]  # asyncpg's
                await line.execution_options(isolation_level="AUTOCOMMIT")
                await line.execute(_LOCK, {"kind": PRESENCE, "owner": owner})
                self.replicas = await _count(line)
            except BaseException:
                await _hang_up(line)
                raise
        self._line, self.owner, self._broken = line, owner, broken
        self._alive_until = now + self._lease * MARGIN

    async def beat(self) -> list[tuple[int, str, int]]:
        """Renew every lease; returns (channel, lane, epoch) of each.

        Raises DatabaseUnavailable: then this replica is no more, and must register again.
        """
        now = self._clock()
        try:
            with named_faults():
                async with asyncio.timeout(self._lease):
                    self._insist()
                    assert self._line is not None, "register first"  # noqa: S101  # a programming error
                    rows = await self._line.execute(
                        _BEAT, {"owner": self.owner, "lease": self._lease}
                    )
                    self.replicas = await _count(self._line)
                    self._insist()
        except BaseException:
            self._alive_until = 0.0
            raise
        self._alive_until = now + self._lease * MARGIN
        return [(row.channel_id, row.lane, row.epoch) for row in rows]

    def _insist(self) -> None:
        """What was void for a moment stays void: lanes have been let go of in that moment."""
        if not self.alive():
            raise DatabaseUnavailable(reason="everything stood still for longer than a lease")

    def _hear(self, line: object, pid: int, channel: str, turn_id: str) -> None:
        """Any program that shares the database may say anything here."""
        if turn_id.isdecimal():
            self.heard(int(turn_id))

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until the line breaks."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._broken.wait()

    async def leave(self) -> None:
        """Let the lock go; what is still owed is taken over at once."""
        self._alive_until = 0.0
        line, self._line = self._line, None
        if line is not None:
            await _hang_up(line)


async def _hang_up(line: AsyncConnection) -> None:
    await line.invalidate()  # closes the session, and with it the lock
    await line.close()


async def _count(line: AsyncConnection) -> int:
    found = await line.scalar(_REPLICAS, {"kind": PRESENCE})
    return max(1, found or 0)


_LOCK = sa.text("SELECT pg_advisory_lock(:kind, CAST(:owner AS int))")

_BEAT = sa.text("""
    UPDATE lane SET until = clock_timestamp() + make_interval(secs => :lease) WHERE owner = :owner
    RETURNING channel_id, lane, epoch
""")

_REPLICAS = sa.text("""
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")

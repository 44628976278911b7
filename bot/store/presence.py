"""A replica's sign of life: a lock that Postgres lets go of when the replica's line dies."""

import secrets
import time

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database, named_faults

PRESENCE = 77  # the kind of that lock, among advisory locks
MARGIN = 0.8  # the share of the lease in which we trust our own clock


class Presence:
    """One replica, from the moment it registers until its line to Postgres breaks.

    A new registration is a new replica: its leases start from nothing, and what the former one
    left is taken over like a stranger's.
    """

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease
        self._line: AsyncConnection | None = None
        self._alive_until = 0.0
        self.owner = 0

    def alive(self) -> bool:
        """Whether this replica's leases are certainly still good, also after being frozen."""
        return time.monotonic() < self._alive_until

    async def register(self) -> None:
        """Become a replica. Raises DatabaseUnavailable."""
        await self.leave()
        now = time.monotonic()
        with named_faults():
            # A line of its own: whatever else is busy, the sign of life is not.
            line = await self._database.engine.connect()
            await line.execution_options(isolation_level="AUTOCOMMIT")
            owner = secrets.randbelow(2**31 - 1) + 1
            await line.execute(_LOCK, {"kind": PRESENCE, "owner": owner})
        self._line, self.owner = line, owner
        self._alive_until = now + self._lease * MARGIN

    async def beat(self) -> None:
        """Renew every lease. Raises DatabaseUnavailable: then this replica is no more."""
        now = time.monotonic()
        try:
            with named_faults():
                assert self._line is not None, "register first"  # noqa: S101  # a programming error
                await self._line.execute(_BEAT, {"owner": self.owner, "lease": self._lease})
        except BaseException:
            self._alive_until = 0.0
            raise
        self._alive_until = now + self._lease * MARGIN

    async def leave(self) -> None:
        """Let the lock go; what is still owed is taken over at once."""
        self._alive_until = 0.0
        line, self._line = self._line, None
        if line is not None:
            await line.invalidate()  # closes the session, and with it the lock
            await line.close()


_LOCK = sa.text("SELECT pg_advisory_lock(:kind, CAST(:owner AS int))")

_BEAT = sa.text("""
    UPDATE lane SET until = clock_timestamp() + make_interval(secs => :lease) WHERE owner = :owner
""")

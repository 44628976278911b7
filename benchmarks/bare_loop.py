"""What the same round trips to Postgres take without Nellie: what no program could do faster.

Of a turn's trips the first stores a row, the second reads the newest messages of a channel, and the
others each change that row; every change is committed, and waits for the disk as Nellie's do.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from bot.store.database import Database
from bot.testing.heard_statements import hearing

READ = 40  # messages
TEXT = "x" * 60


class TripCounter:
    """Counts the statements that reach Postgres from a database's connections."""

    trips = 0

    def hear(self, statement: str) -> None:
        """One more."""
        self.trips += 1


@contextmanager
def counting(database: Database) -> Iterator[TripCounter]:
    """What is asked meanwhile; begin it before the database is used."""
    counter = TripCounter()
    with hearing(database, counter.hear):
        yield counter


class BareLoop:
    """Turns of so many trips each, by as many connections as Nellie has."""

    def __init__(self, trips: int, connections: Sequence[asyncpg.Connection]) -> None:
        self._trips = trips
        self._free: asyncio.Queue[asyncpg.Connection] = asyncio.Queue()
        for connection in connections:
            self._free.put_nowait(connection)
        self._channels: list[int] = []
        self._turns = 0

    @classmethod
    @asynccontextmanager
    async def connected(cls, database: Database, trips: int) -> AsyncIterator["BareLoop"]:
        """One on this database, which holds channels with messages."""
        size = database.engine.pool.size()  # type: ignore[attr-defined]  # the pool that it has
        url = database.url.replace("+asyncpg", "")
        opened = [await asyncpg.connect(url) for _ in range(size)]
        loop = cls(trips, opened)
        await opened[0].execute(_TABLE)
        loop._channels = [row["id"] for row in await opened[0].fetch("SELECT id FROM channel")]
        try:
            yield loop
        finally:
            for connection in opened:
                await connection.close()

    async def turns_a_second(self, lanes: int, turns: int) -> float:
        """Of so many in each of so many lanes, all lanes at once."""
        first, self._turns = self._turns, self._turns + turns
        began = time.monotonic()
        await asyncio.gather(*(self._ask(lane, range(first, self._turns)) for lane in range(lanes)))
        return lanes * turns / (time.monotonic() - began)

    async def _ask(self, lane: int, turns: range) -> None:
        read = (_READ, (self._channels[lane % len(self._channels)],))
        for turn in turns:
            row = (lane, turn, TEXT)
            for statement, values in [(_STORE, row), read, *[(_CHANGE, row)] * (self._trips - 2)]:
                connection = await self._free.get()
                try:
                    await connection.fetch(statement, *values)
                finally:
                    self._free.put_nowait(connection)


_TABLE = "CREATE TABLE bare_turn (lane int, turn int, text text, PRIMARY KEY (lane, turn))"
_STORE = "INSERT INTO bare_turn VALUES ($1, $2, $3)"
_CHANGE = "UPDATE bare_turn SET text = $3 WHERE lane = $1 AND turn = $2"
_READ = f"SELECT * FROM message WHERE channel_id = $1 ORDER BY seq DESC LIMIT {READ}"  # noqa: S608

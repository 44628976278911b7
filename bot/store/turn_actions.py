"""What people do with turns: find one, stop it, ask for it again, rate it."""

from dataclasses import dataclass

from bot.domain.model import Turn
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.heartbeat import STOP_REQUESTS
from bot.store.message_edits import empty
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load
from bot.store.turn_rows import to_turn
from bot.store.turns import Lease
from bot.text.fingerprints import fingerprint

_SQL = load("turn_actions")


@dataclass(frozen=True, slots=True)
class Reopened:
    """A turn that is owed once more."""

    lease: Lease | None
    """Set when the lane was idle: it is this replica's to run, now."""


class TurnActions:
    """The turns table, as buttons and commands use it."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease

    async def stop(self, turn_id: int) -> None:
        """Tell every replica that this turn is to be stopped."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.notify, {"channel": STOP_REQUESTS, "turn": str(turn_id)})

    async def stop_waiting(self, turn_id: int) -> bool:
        """End a turn that waits for others before it; False where it does not."""
        async with self._database.begin() as connection:
            lane = (await connection.execute(_SQL.get_lane, {"turn": turn_id})).one_or_none()
            if lane is None:
                return False
            # First the lock: behind it, no replica takes the turn meanwhile.
            await lock_channel(connection, lane.channel_id)
            stopped = await connection.execute(_SQL.stop_waiting, {"turn": turn_id})
            return stopped.one_or_none() is not None

    async def get(self, turn_id: int) -> Turn | None:
        """A turn, also one that has ended; None for one that was never opened."""
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get, {"turn": turn_id})).one_or_none()
        return None if row is None else to_turn(row, to_state(row).channel)

    async def running(self, channel_id: int, thread: str) -> int | None:
        """The turn that is being answered in a thread, or to the message that began it."""
        values = {"channel": channel_id, "thread": thread}
        async with self._database.autocommit() as connection:
            turn_id: int | None = await connection.scalar(_SQL.find_running, values)
            return turn_id

    async def retry(self, turn_id: int, *, owner: int) -> Reopened | None:
        """Owe an answer once more, and forget what was remembered of the former one.

        None when the turn has not ended, was answered, or its question was taken back.
        """
        async with self._database.begin() as connection:
            lane = (await connection.execute(_SQL.get_lane, {"turn": turn_id})).one_or_none()
            if lane is None:
                return None
            await lock_channel(connection, lane.channel_id)
            values = {"channel": lane.channel_id, "turn": turn_id, "lane": lane.lane}
            claim = {**values, "owner": owner, "lease": self._lease}
            reopened = (await connection.execute(_SQL.reopen, claim)).one_or_none()
            if reopened is None:
                return None
            payer = fingerprint(lane.platform, lane.asker_id) if lane.asker_id else ""
            await connection.execute(_SQL.ask_again, {**values, "payer": payer})
            former = await connection.execute(_SQL.rename_former_answers, values)
            await empty(connection, lane.channel_id, former.scalars().all())
        if reopened.epoch is None:
            return Reopened(None)
        return Reopened(Lease(lane.channel_id, lane.lane, owner, reopened.epoch))

    async def is_open(self, turn_id: int) -> bool:
        """Whether a turn waits or is being answered."""
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.is_open, {"turn": turn_id}))

    async def rate(self, turn_id: int, author_id: str, *, good: bool) -> bool:
        """Keep a person's opinion of an answer; False where there is no such turn."""
        values = {"turn": turn_id, "author": author_id, "good": good}
        async with self._database.autocommit() as connection:
            return (await connection.execute(_SQL.rate, values)).rowcount == 1

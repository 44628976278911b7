"""Where Nellie has introduced herself, and the turns by which she does."""

from dataclasses import dataclass

from bot.domain.model import Message
from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load
from bot.store.turns import Lease

_SQL = load("introductions")

TRIGGER = "introduction"  # the id of the message that a channel's introduction answers


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionTurn:
    """The turn of a channel's introduction."""

    id: int
    open: bool
    posted: bool
    """Something of it stands in the channel."""


class Introductions:
    """The channels' introductions."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease

    async def introduced(self, channel_id: int) -> bool:
        """Whether Nellie has introduced herself there."""
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.is_introduced, {"channel": channel_id}))

    async def mark_introduced(self, channel_id: int) -> bool:
        """She has; True for the first who says so."""
        async with self._database.begin() as connection:
            marked = await connection.execute(_SQL.mark_introduced, {"channel": channel_id})
        return marked.rowcount == 1

    async def find(self, channel_id: int, trigger_id: str) -> IntroductionTurn | None:
        """The turn that this trigger opened."""
        values = {"channel": channel_id, "id": trigger_id}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.find, values)).one_or_none()
        if row is None:
            return None
        is_open = row.state in ("waiting", "running")
        return IntroductionTurn(id=row.id, open=is_open, posted=row.posted)

    async def make_room(self, channel_id: int, trigger_id: str) -> None:
        """Give another id to a message that stands in the place of the trigger and opened no turn.

        Imports could bring one in, before such ids were refused.
        """
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await connection.execute(_SQL.move_aside, {"channel": channel_id, "id": trigger_id})

    async def reopen(
        self, channel_id: int, turn_id: int, trigger: Message, *, owner: int
    ) -> Lease | None:
        """Owe it once more; a lease where the lane was idle: it is this replica's to run, now."""
        values = {
            "channel": channel_id,
            "turn": turn_id,
            "lane": trigger.lane,
            "question": trigger.text,
            "owner": owner,
            "lease": self._lease,
        }
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            row = (await connection.execute(_SQL.reopen, values)).one_or_none()
        if row is None or row.epoch is None:
            return None
        return Lease(channel_id, trigger.lane, owner, row.epoch)

"""Scheduled digests: each is owed as a turn once its time has come."""

from dataclasses import dataclass

from bot.core.acceptance import Acceptance
from bot.memory.digests import Digests
from bot.store.message_inserts import NewMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledDigests:
    """Opens the turns of digests that are due, on the platforms that this replica serves."""

    digests: Digests
    acceptance: Acceptance
    platforms: tuple[str, ...]

    async def open_due(self) -> None:
        """Open the turn of each digest that is due; once, however many replicas look."""
        for due, trigger in await self.digests.find_due(list(self.platforms)):
            new = NewMessage(trigger, remembered=False)
            await self.acceptance.store(due.channel_id, new, opens_turn=True)
            await self.digests.advance(due)

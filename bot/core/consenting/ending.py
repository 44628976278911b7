"""By the clock: silence means no, and what was decided goes on also after a crash."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.consenting.deciding import Deciding, Storing


@dataclass(frozen=True, slots=True)
class Ending:
    """Ends questions whose time is over."""

    deciding: Deciding
    store: Storing
    platforms: Sequence[str]
    """Those that this replica is on."""

    async def end_due(self) -> int:
        """End what is over, and go on with what is decided; how many answers go on."""
        await self.deciding.consents.expire()
        opened = await self.deciding.go_on_all(self.store, self.platforms)
        await self.deciding.consents.settle()
        return opened

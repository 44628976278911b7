"""The newest answers of this process that offer something, until something else is asked there."""

from collections.abc import Awaitable, Callable

import structlog

from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Turn

KEPT = 1_000  # conversations

log = structlog.get_logger(__name__)


class Offers:
    """What to do so that an answer offers no longer to go on, by conversation.

    After a restart nothing is known of former ones: those say so when somebody presses them.
    """

    def __init__(self) -> None:
        self._open: BoundedCache[tuple[str, str], Callable[[], Awaitable[None]]] = BoundedCache(
            KEPT
        )

    def add(self, turn: Turn, withdraw: Callable[[], Awaitable[None]]) -> None:
        """An answer offers to go on; `withdraw` takes the button away."""
        self._open[turn.channel.id, turn.lane] = withdraw

    async def withdraw(self, turn: Turn) -> None:
        """Something else is asked in this conversation."""
        withdraw = self._open.pop((turn.channel.id, turn.lane), None)
        if withdraw is None:
            return
        try:
            await withdraw()
        except Exception as error:  # whatever the platform says: a press would explain it
            log.info("offer_not_withdrawn", turn=turn.id, error=type(error).__name__)

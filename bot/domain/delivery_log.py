"""What an adapter tells of one answer that it shows."""

from typing import Protocol

from bot.domain.consents import ConsentQuestion
from bot.domain.model import Turn
from bot.domain.pings import Ping


class DeliveryLog(Protocol):
    """What one turn has posted on its platform; every request to the platform asks it first.

    delivery_log.require_lease()
    post_id = await platform.post(text)
    await delivery_log.add(post_id)
    """

    status: str
    """What Nellie is doing, for a status line: "thinking", then "reading 214 messages"."""

    calling: str
    """What tools are doing for the answer, as a status; empty where none was called.

    For platforms without a status line: it stands in the answer's place until that begins.
    """

    questions_ahead: int | None
    """How many questions wait for the model before this one; None once it waits no more."""

    incomplete: bool
    """The answer failed, broke off or was stopped: it can be retried (TurnControl.retry)."""

    can_go_on: bool
    """The answer was cut short by its length: offer to go on with it (TurnControl.go_on)."""

    consents: tuple[ConsentQuestion, ...]
    """What the answer asks at its end: offer to decide it (TurnControl.consent). Known, as
    `can_go_on` is, when its text has ended."""

    pings: tuple[Ping, ...]
    """Whom the text names at its beginning (`Ping.shown`) and is to ping, where the platform can.
    Only texts of ours have any, and whatever else stands in them pings nobody."""

    def require_lease(self) -> None:
        """Raises Fenced when this replica no longer holds the lane: then send nothing more."""
        ...

    async def add(self, post_id: str) -> None:
        """Remember the platform's id of what was just posted."""
        ...


def own_id(turn: Turn) -> str:
    """Of an answer that no platform has an id for; with its time, it is in no other archive."""
    return f"turn:{turn.id}:{turn.trigger.at.timestamp():.0f}"

"""A text of ours that is posted as it stands, and whom it pings; pure."""

from dataclasses import dataclass

from bot.domain.pings import Ping


@dataclass(frozen=True, slots=True)
class Written:
    """What no model wrote."""

    text: str
    pings: tuple[Ping, ...] = ()
    """Whom it names at its beginning, and pings where the platform can."""

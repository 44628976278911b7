"""What the page asks of the engine where one talks with her."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.streams import Streams
from bot.domain.ports import Commands, Inbox, TurnControl


@dataclass(frozen=True, slots=True)
class Offered:
    """Questions to try, for who sits at the machine itself."""

    channel_id: int
    questions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions go, and from where answers come."""

    inbox: Inbox
    turns: TurnControl
    commands: Commands
    streams: Streams
    offered: Offered | None = None

"""A platform that keeps what it was shown, and is slow, cut off or away when told to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from bot.conversation import Channel, Message, Turn
from bot.ports import Adapter, Door, Posts


class Stage(Adapter):
    """Everything shown on it stays readable: by turn, as it stands now."""

    def __init__(
        self, *, name: str = "stage", past: Sequence[Message] = (), failures: int = 0
    ) -> None:
        self.name = name
        self.past = list(past)
        self.failures = failures
        """Deliveries that break after their first piece before one succeeds."""
        self.shown: dict[int, str] = {}
        self.pieces: dict[int, list[str]] = {}
        self.begun: list[int] = []
        """Turns in the order in which their deliveries began, repetitions included."""
        self.ended: list[int] = []
        self.stands: dict[int, tuple[str, ...]] = {}
        """What `posted` finds here, where it differs from what the turn knows."""
        self.turns: dict[int, Turn] = {}
        self.piece = asyncio.Event()
        """Set when anything was shown."""

    async def run(self, door: Door) -> None:
        """Nothing comes in by itself: the tests knock at the door."""

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        self.begun.append(turn.id)
        self.turns[turn.id] = turn
        self.pieces[turn.id] = []
        async for piece in text:
            posts.allow()
            self.pieces[turn.id].append(piece)
            self.shown[turn.id] = "".join(self.pieces[turn.id])
            await posts.add(f"post-{turn.id}")
            self.piece.set()
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the platform is away")
        self.ended.append(turn.id)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        return self.stands.get(turn.id, turn.posted)

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        for message in self.past:
            if message.channel == channel and message.at >= after:
                yield message

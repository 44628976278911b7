"""One channel, and all that the store does with it."""

from dataclasses import dataclass, replace
from typing import Any

from doubles.sample_messages import NOON, ROOM, rows, sample_new_message

from bot.domain.model import Segment, Statement, Turn
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.search import Search
from bot.store.summaries import Compacted, Summaries
from bot.store.turns import Lease, Turns

ME = 7


@dataclass
class Store:
    """One channel and all that the store does with it."""

    database: Database
    id: int

    def __post_init__(self) -> None:
        self.channels = Channels(self.database)
        self.messages = Messages(self.database)
        self.changes = MessageEdits(self.database)
        self.summaries = Summaries(self.database)
        self.search = Search(self.database)
        self.turns = Turns(self.database, lease=15)

    async def tokens(self) -> int:
        return (await self.channels.state(self.id)).window_tokens

    async def found(self, words: str) -> list[str]:
        return [one.id for one in await self.search.find(ROOM, self.id, words, limit=9)]

    async def compact(self, *lasts: int) -> bool:
        """Segments that end at these numbers, and a digest of them."""
        state = await self.channels.state(self.id)
        firsts = (state.watermark + 1, *(last + 1 for last in lasts))
        made = tuple(
            Segment(first, last, (Statement(f"till {last}", (last,)),), ("Ana",), NOON, NOON, 5)
            for first, last in zip(firsts, lasts, strict=False)
        )
        done = Compacted(
            segments=made,
            digest="the digest",
            messages=lasts[-1],
            tokens_before=100,
            model="extractive",
        )
        return await self.summaries.commit(state, done)

    async def dirty(self) -> list[int]:
        """The last numbers of the segments that are dirty."""
        segments = await self.summaries.segments(self.id)
        return [segment.last for segment, dirty in segments if dirty]

    async def ask(self, id: str, **more: Any) -> tuple[Lease | None, Turn]:
        """Someone asks something."""
        message = sample_new_message(id, **more)
        done = await self.turns.accept(self.id, message, owner=ME, opens_turn=True)
        assert done.turn
        trigger = replace(message.message, seq=done.seq)
        return done.lease, Turn(done.turn, ROOM, trigger.lane, trigger)

    async def states(self) -> list[Any]:
        return await rows(self.database, "SELECT state FROM turn ORDER BY id")

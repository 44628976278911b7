"""One of several replicas that share a database; nothing in it works by itself."""

from dataclasses import dataclass, replace
from typing import Any

from doubles.sample_messages import (
    ROOM,
    rows,
    sample_answer,
    sample_message,
    sample_new_message,
)

from bot.domain.model import Turn
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.turn_outcome import ShownWindow
from bot.store.turns import Accepted, Lease, Outcome, Turns


@dataclass
class Replica:
    """What a replica does at the store, step by step."""

    database: Database
    channel_id: int
    heartbeat: Heartbeat
    turns: Turns

    @classmethod
    async def started(cls, database: Database) -> "Replica":
        heartbeat, turns = Heartbeat(database, lease=15), Turns(database, lease=15)
        await heartbeat.register()
        return cls(database, await Channels(database).id(ROOM), heartbeat, turns)

    @property
    def owner(self) -> int:
        return self.heartbeat.owner

    async def accept(self, id: str, *, opens_turn: bool = True, **more: Any) -> Accepted:
        message = sample_new_message(id, **more)
        message = replace(message, remembered=not message.message.private)
        return await self.turns.accept(
            self.channel_id, message, owner=self.owner, opens_turn=opens_turn
        )

    async def ask(self, id: str, **more: Any) -> tuple[Lease, Turn]:
        """Ask in an idle lane."""
        done = await self.accept(id, **more)
        assert done.lease
        assert done.turn
        trigger = replace(sample_message(id, **more), seq=done.seq)
        turn = Turn(done.turn, ROOM, done.lease.lane, trigger, remembered=done.remembered)
        return done.lease, turn

    async def finish(self, lease: Lease, turn: Turn) -> Turn | None:
        """Answer a turn; returns the next one of its lane."""
        shown = await self.see()
        return await self.turns.close(
            lease, turn, Outcome("done", sample_answer(turn), shown=shown)
        )

    async def see(self) -> ShownWindow:
        """A window of which nothing is shown, as it is read now."""
        [epoch] = await rows(
            self.database, "SELECT epoch FROM channel WHERE id = :id", id=self.channel_id
        )
        return ShownWindow(epoch=epoch, forgotten=0, seqs=(), digest=False)

    async def take_over(self, *platforms: str) -> list[Lease]:
        found = platforms or ("fake",)
        return await self.turns.take_over(self.owner, found, limit=20)

    async def read_answers(self) -> list[Any]:
        """The texts of all answers, in order."""
        return await rows(
            self.database, "SELECT text FROM message WHERE nellie AND NOT deleted ORDER BY seq"
        )

"""Questions whether a tool may change something: asked, decided once, and what follows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from bot.domain.consents import MINUTES, ConsentQuestion
from bot.domain.model import Message, Turn
from bot.store.confirmations import MINUTES as CONFIRMABLE
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load
from bot.store.turn_rows import to_turn
from bot.store.turns import Lease
from bot.text.fingerprints import fingerprint

_SQL = load("consents")

AT_ONCE = 100  # answers that a look for what is decided finds
KEPT_DAYS = 30
ConsentState = Literal["open", "allowed", "denied", "expired"]
"""An open one is expired too once its time is over: `StoredConsent.is_late`."""
SILENCE = "Nobody consented in time: it was not called."


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is to be asked."""

    call: int
    """The row of the call."""
    number: int
    tool: str
    hash: str
    again: bool


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """A question as it is stored."""

    id: int
    turn_id: int
    call_id: int
    number: int
    tool: str
    hash: str
    again: bool
    repeats: bool
    """Just this was done in the channel within a day before."""
    person: str
    """A fingerprint of who asked."""
    state: ConsentState
    decided_by: str
    until: datetime
    is_late: bool
    is_whole: bool
    """The words of its call are still there."""

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided."""
        return self.state == "open" and self.is_whole and not self.is_late

    @property
    def question(self) -> ConsentQuestion:
        """As platforms show it."""
        return ConsentQuestion(self.id, self.number, self.tool, self.until, self.again)


@dataclass(frozen=True, slots=True)
class AskingAnswer:
    """An answer that asks: its turn, and the messages that it rests on, itself the first."""

    turn: Turn
    seqs: tuple[int, ...]


class Consents:
    """The questions of all replicas."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, lease: Lease, turn: Turn, asked: Sequence[Asked]) -> list[StoredConsent]:
        """Store the questions of an answer; none of calls that were taken back."""
        values = {
            "channel": lease.channel_id,
            "lane": lease.lane,
            "owner": lease.owner,
            "epoch": lease.epoch,
            "turn": turn.id,
            "person": fingerprint(turn.channel.platform, turn.asker.id),
            "asked": json.dumps([asdict(one) for one in asked]),
            "minutes": MINUTES,
        }
        return [_to_consent(row) for row in await self._database.fetch(_SQL.ask, values)]

    async def of_turns(self, turns: Sequence[int]) -> list[StoredConsent]:
        """The questions of turns, also those that were decided."""
        rows = await self._database.fetch(_SQL.of_turns, {"turns": list(turns)})
        return [_to_consent(row) for row in rows]

    async def get(self, consent_id: int) -> StoredConsent | None:
        """One question; None where there is none."""
        rows = await self._database.fetch(_SQL.get, {"id": consent_id})
        return _to_consent(rows[0]) if rows else None

    async def decide(self, consent_id: int, person_id: str, *, allows: bool) -> bool:
        """Decide it; False where somebody was quicker, or its time is over."""
        state = "allowed" if allows else "denied"
        values = {"id": consent_id, "person": person_id, "state": state}
        return bool(await self._database.fetch(_SQL.decide, values))

    async def asked_in_words(
        self, channel_id: int, message: Message, *, numbered: bool
    ) -> list[StoredConsent]:
        """What somebody is asked who says yes or no in so many words, or with a number."""
        direct = message.channel.direct
        values = {
            "channel": channel_id,
            "person": message.author.id,
            "fingerprint": fingerprint(message.channel.platform, message.author.id),
            "id": message.id,
            "said_at": message.at,
            "numbered": numbered,
            "lane": message.lane,
            "thread": message.thread,
            "direct": direct,
            "addressed": message.addressed or direct,
            "confirmable": CONFIRMABLE,
        }
        return [_to_consent(row) for row in await self._database.fetch(_SQL.asked_in_words, values)]

    async def claim(self, channel_id: int, asking: int, *, by: Turn) -> bool:
        """Be the turn that goes on with what was decided; False where that cannot be."""
        values = {"channel": channel_id, "asking": asking, "by": by.id}
        return bool(await self._database.fetch(_SQL.claim, values))

    async def read_asking(self, channel_id: int, asking: int, by: Turn) -> list[AskingAnswer]:
        """The answers that a turn goes on with, the newest first; the last has the question."""
        values = {"channel": channel_id, "asking": asking}
        async with self._database.autocommit() as connection:
            rows = (await connection.execute(_SQL.read_asking, values)).all()
        return [
            AskingAnswer(
                to_turn(row, by.channel),
                (row.answer_seq, *(row.rests_on or ())) if row.answer_seq else (),
            )
            for row in rows
        ]

    async def went_on(self, channel_id: int, message_id: str) -> int:
        """The turn that was opened for a decision; 0 where there is none."""
        values = {"channel": channel_id, "id": message_id}
        rows = await self._database.fetch(_SQL.went_on, values)
        return int(rows[0].id) if rows else 0

    async def expire(self) -> None:
        """End what nobody has decided in time."""
        await self._database.fetch(_SQL.expire, {"silence": SILENCE})

    async def find_decided(self, platforms: Sequence[str]) -> list[int]:
        """Turns whose questions are all decided, and that nobody goes on with."""
        values = {"platforms": list(platforms), "limit": AT_ONCE}
        return [row.turn_id for row in await self._database.fetch(_SQL.find_decided, values)]

    async def settle(self) -> None:
        """Let the words go of what leads nowhere any more."""
        await self._database.fetch(_SQL.settle, {})

    async def drop_old(self) -> None:
        """Delete what ended long ago."""
        await self._database.fetch(_SQL.drop_old, {"days": KEPT_DAYS})


def _to_consent(row: Row) -> StoredConsent:
    return StoredConsent(
        id=row.id,
        turn_id=row.turn_id,
        call_id=row.call_id,
        number=row.number,
        tool=row.tool,
        hash=row.hash,
        again=row.again,
        repeats=row.repeats,
        person=row.person,
        state=row.state,
        decided_by=row.decided_by or "",
        until=row.until,
        is_late=row.is_late,
        is_whole=row.is_whole,
    )

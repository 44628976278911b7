"""Answers that were cut short, and which turn goes on with each of them."""

from dataclasses import dataclass

from bot.domain.continuations import CUT_SHORT
from bot.domain.model import Message, Turn
from bot.store.database import Database
from bot.store.sql_files import load
from bot.store.turn_rows import to_turn

_SQL = load("continuations")

KEPT_MINUTES = 30  # that a private answer can be gone on with: nothing else remembers it


@dataclass(frozen=True, slots=True)
class AnswerSoFar:
    """One part of an answer: what asked for it, what it said, and what it rests on."""

    question: Message
    text: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """What a press of the button meets."""

    is_cut: bool
    """The answer was cut short, and nobody has gone on with it."""
    is_pressed: bool
    """The button was pressed before."""
    is_past: bool
    """Something else was asked since."""


class Continuations:
    """The turns table, as those see it who go on with an answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_before(self, channel_id: int, turn: Turn) -> int | None:
        """The turn whose answer "go on" means: the conversation's newest, if it was cut short."""
        trigger = turn.trigger
        values = {
            "channel": channel_id,
            "seq": trigger.seq,
            "lane": turn.lane,
            "direct": turn.channel.direct and turn.lane.startswith("session:"),
            "reply_to": trigger.reply_to,
            "private": turn.private,
            "asker": turn.asker.id,
            "by": turn.id,
        }
        async with self._database.autocommit() as connection:
            found: int | None = await connection.scalar(_SQL.find_before, values)
            return found

    async def claim(self, channel_id: int, turn_id: int, *, by: Turn) -> list[AnswerSoFar]:
        """The answer so far, from its first part to the one that was cut short last.

        Empty where another turn goes on with it, or something of it was taken back.
        """
        values = {"channel": channel_id, "turn": turn_id, "by": by.id}
        async with self._database.autocommit() as connection:
            if await connection.scalar(_SQL.claim, values) is None:
                return []
            rows = (await connection.execute(_SQL.read, values)).all()
        parts = []
        for row in reversed(rows):
            former = to_turn(row, by.channel)
            text = (former.text if former.private else row.answer) or ""
            seqs = (row.answer_seq, *(row.rests_on or ())) if row.answer_seq else ()
            parts.append(AnswerSoFar(former.trigger, text, seqs))
        return parts if all(one.text and one.question.text for one in parts) else []

    async def press(self, turn_id: int, message_id: str) -> Press:
        """What a press of the button below a turn's answer meets; `message_id` is what it says."""
        async with self._database.autocommit() as connection:
            row = (
                await connection.execute(_SQL.get_press, {"turn": turn_id, "id": message_id})
            ).one()
        is_cut = row.state == "done" and row.error == CUT_SHORT
        return Press(is_cut, row.pressed, row.asked_since)

    async def let_go(self) -> None:
        """Keep no private answer for longer than somebody may go on with it."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, {"minutes": KEPT_MINUTES})

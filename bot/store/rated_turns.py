"""Turns whose answers people have rated."""

from dataclasses import dataclass

from bot.domain.model import Message
from bot.store.channels import ChannelState, to_state
from bot.store.database import Database
from bot.store.messages import to_message
from bot.store.sql_files import load

_SQL = load("rated_turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTurn:
    """A question that is remembered, its answer, and what people think of that."""

    turn: int
    state: ChannelState
    """Of its channel, as it is now."""
    question: Message
    answer: str
    """Empty where it is not remembered any more."""
    good: bool
    """Nobody found it bad."""


class RatedTurns:
    """The ratings, with what they are of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, *, most: int, channel: int | None = None) -> list[RatedTurn]:
        """Those that were rated last, of one channel or of all."""
        values = {"most": most, "channel": channel}
        async with self._database.autocommit() as connection:
            rows = (await connection.execute(_SQL.get_newest, values)).all()
        return [
            RatedTurn(
                turn=row.turn_id,
                state=to_state(row),
                question=to_message(row, to_state(row).channel),
                answer=row.answer or "",
                good=row.good,
            )
            for row in rows
        ]

"""Conversations as the page shows them: their turns, and which ones a person leads there."""

from collections.abc import Sequence

from bot.domain.model import Channel
from bot.domain.page import PAGE, ChatTurn, ReadableChannel
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load

_SQL = load("page_chat")

OPEN = 20  # turns that are open, or private, and shown at the end
CLIP = 20_000  # characters of a question
LISTED = 200  # conversations of one person


class PageChat:
    """What the page needs for talking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turns(
        self, channel_id: int, person_id: str, seqs: Sequence[int], *, newest: bool
    ) -> Sequence[ChatTurn]:
        """The turns of these messages; at the `newest` end, those too that are open."""
        values = {"channel": channel_id, "seqs": list(seqs), "newest": newest, "most": OPEN}
        given = {**values, "person": person_id, "clip": CLIP}
        return [_to_turn(row) for row in await self._database.fetch(_SQL.get_turns, given)]

    async def turn(self, turn_id: int, person_id: str) -> ChatTurn | None:
        """One of them; None where this person may not see it, whoever reads there."""
        values = {"turn": turn_id, "person": person_id, "clip": CLIP}
        rows = await self._database.fetch(_SQL.get_turn, values)
        return _to_turn(rows[0]) if rows else None

    async def conversations(
        self, owner: str, *, most: int | None = LISTED
    ) -> Sequence[ReadableChannel]:
        """Those that a person leads at the page, what was used last first."""
        values = {"platform": PAGE, "workspace": owner, "most": most}
        rows = await self._database.fetch(_SQL.get_own_channels, values)
        return [
            ReadableChannel(row.id, Channel(PAGE, owner, row.external_id, row.name, row.direct))
            for row in rows
        ]


def _to_turn(row: Row) -> ChatTurn:
    return ChatTurn(**dict(row.items()))

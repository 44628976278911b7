"""Turns as the page shows them: what was asked, what was answered, and what that was made from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.documents import FoundPassage, Passage
from bot.domain.page import ToolUse, UsedDocument
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load

_SQL = load("page_turns")

CLIP = 400  # characters of a question and of an answer in a list
WHOLE = 100_000  # of them, on a page of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTurn:
    """A turn, with its words as far as they are remembered."""

    id: int
    channel_id: int
    state: str
    asked: datetime
    finished: datetime | None
    attempts: int
    error: str
    private: bool
    person: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """What is kept of how a turn was answered."""

    turn: ShownTurn
    rests_on: Sequence[int]
    window_from: int | None
    good: int
    bad: int
    calls: Sequence[Row]
    """Rows of usage."""
    tools: Sequence[ToolUse]


class PageTurns:
    """The turn table, as who reads its channel may see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(
        self, channel_ids: Collection[int], person_id: str, *, before: int | None, most: int
    ) -> Sequence[ShownTurn]:
        """Of these channels, what this person may see, the newest first."""
        values = {
            "channels": [*channel_ids],
            "person": person_id,
            "before": before,
            "most": most,
            "clip": CLIP,
        }
        return [_to_turn(row) for row in await self._database.fetch(_SQL.get_newest, values)]

    async def channel_of(self, turn_id: int, person_id: str) -> int | None:
        """Where it was asked; None where this person may not see it, whoever reads there."""
        values = {"turn": turn_id, "person": person_id}
        rows = await self._database.fetch(_SQL.get_channel, values)
        return int(rows[0].channel_id) if rows else None

    async def made_from(self, turn_id: int, person_id: str) -> MadeFrom | None:
        """What it was made from; None likewise."""
        values = {"turn": turn_id, "person": person_id, "clip": WHOLE}
        rows = await self._database.fetch(_SQL.get, values)
        if not rows:
            return None
        row, turn = rows[0], _to_turn(rows[0])
        span = {"asked": turn.asked, "finished": turn.finished}
        of_turn = {"channel": turn.channel_id, "turn": turn_id, **span}
        calls = await self._database.fetch(_SQL.get_calls, of_turn)
        tools = await self._database.fetch(_SQL.get_tools, {"turn": turn_id})
        return MadeFrom(
            turn=turn,
            rests_on=row.rests_on or (),
            window_from=row.shown_from,
            good=row.good,
            bad=row.bad,
            calls=calls,
            tools=[ToolUse(**dict(one.items())) for one in tools],
        )

    async def documents(
        self, channel_id: int, asked: Sequence[tuple[int, int]]
    ) -> Sequence[UsedDocument]:
        """Documents by their ids, each with the number of a passage, or 0 for all of it."""
        values = {
            "channel": channel_id,
            "documents": [document for document, _ in asked],
            "numbers": [number for _, number in asked],
        }
        rows = await self._database.fetch(_SQL.get_documents, values) if asked else []
        return [_to_document(row) for row in rows]


def _to_document(row: Row) -> UsedDocument:
    passage = Passage(
        number=row.number, text="", first_page=row.first_page, last_page=row.last_page
    )
    found = FoundPassage(
        document_id=row.document_id,
        name=row.name,
        passage=passage,
        tokens=0,
        link=row.link,
        author=row.author,
        at=row.at,
        kind=row.kind,
    )
    return UsedDocument(row.position if row.number else 0, found, row.seq)


def _to_turn(row: Row) -> ShownTurn:
    return ShownTurn(**{name: row[name] for name in ShownTurn.__dataclass_fields__})

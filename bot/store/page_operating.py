"""What admins see of the whole: who is signed in, and what channels have chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database
from bot.store.page_sessions import IDLE_DAYS, Person
from bot.store.sql_files import load

_SQL = load("page_operating")

MOST = 500  # people who are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInPerson:
    """Somebody with sessions."""

    session: int
    platform: str
    workspace: str
    name: str
    browsers: int
    seen: datetime


class PageOperating:
    """Reads of the whole, without a word of anybody's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def signed_in(self) -> Sequence[SignedInPerson]:
        """Everybody who is, whom one saw last first."""
        rows = await self._database.fetch(_SQL.get_signed_in, {"days": IDLE_DAYS, "most": MOST})
        return [SignedInPerson(**dict(row.items())) for row in rows]

    async def person_of(self, session: int) -> Person | None:
        """Whose session it is."""
        rows = await self._database.fetch(_SQL.get_person, {"session": session})
        return Person(**dict(rows[0].items())) if rows else None

    async def models(self, channels: Collection[int]) -> Mapping[int, str]:
        """By channel, the model that it chose; left out where it chose none."""
        rows = await self._database.fetch(_SQL.get_models, {"channels": [*channels]})
        return {row.id: row.model for row in rows}

    async def tools_on(self, channels: Collection[int]) -> Sequence[tuple[int, str]]:
        """In which channels which tools were switched on."""
        rows = await self._database.fetch(_SQL.get_tools, {"channels": [*channels]})
        return [(row.channel_id, row.tool) for row in rows]

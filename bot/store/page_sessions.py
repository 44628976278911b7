"""Who is signed in at the page: links that sign in once, and sessions."""

import hashlib
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.page import OfferedLink, SessionInfo, Visitor
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("page_sessions")

LINK_SECONDS = 600.0  # that a link to sign in is good
IDLE_DAYS = 14  # after which a session ends that was not used
MOST = 50  # sessions of one person that are listed
_LETTERS = string.ascii_letters + string.digits  # no mark of a chat's markup is among them
_LENGTH = 43  # of those letters: 256 bits
_SECRET = re.compile(r"[A-Za-z0-9]{43}", re.ASCII)
NOBODY = "-"  # no hash of anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signs in: somebody of a platform."""

    platform: str
    workspace: str
    person_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session that is good."""

    id: int
    person: Person


class PageSessions:
    """Links and sessions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_link(self, person: Person, *, at_once: bool = False) -> str:
        """A secret that signs this person in, once and soon; a former one of theirs ends."""
        secret = _make_secret()
        values = {"hash": _hashed(secret), "at_once": at_once, "seconds": LINK_SECONDS}
        async with self._database.begin() as connection:
            await connection.execute(
                _SQL.add_link, {**values, **_whose(person), "name": person.name}
            )
        return secret

    async def find_link(self, secret: str) -> OfferedLink | None:
        """Whose link it is, unless it is unknown, used or too old."""
        if not _SECRET.fullmatch(secret):
            return None
        rows = await self._database.fetch(_SQL.find_link, {"hash": _hashed(secret)})
        return OfferedLink(*rows[0]) if rows else None

    async def sign_in(self, secret: str, former: str) -> str | None:
        """Use a link up: the secret of a new session, in which a `former` one ends."""
        if not _SECRET.fullmatch(secret):
            return None
        cookie = _make_secret()
        values = {
            "link": _hashed(secret),
            "hash": _hashed(cookie),
            "former": _hashed(former) if _SECRET.fullmatch(former) else NOBODY,
            "days": IDLE_DAYS,
        }
        async with self._database.begin() as connection:
            made = await connection.scalar(_SQL.sign_in, values)
        return None if made is None else cookie

    async def find(self, cookie: str) -> StoredSession | None:
        """The session of a cookie, unless it is unknown or has ended."""
        if not _SECRET.fullmatch(cookie):
            return None
        values = {"hash": _hashed(cookie), "days": IDLE_DAYS}
        for row in await self._database.fetch(_SQL.find, values):
            person = Person(
                platform=row.platform,
                workspace=row.workspace,
                person_id=row.person_id,
                name=row.name,
            )
            return StoredSession(id=row.id, person=person)
        return None

    async def end(self, visitor: Visitor, *, everywhere: bool) -> None:
        """End a session, or all of its person and the link that they may have."""
        action = "signed out everywhere" if everywhere else "signed out"
        values = {"session": visitor.session, "everywhere": everywhere, "action": action}
        async with self._database.begin() as connection:
            await connection.execute(_SQL.end, {**values, **_whose(visitor), "name": visitor.name})

    async def end_of(self, person: Person) -> None:
        """End whatever a person has who left: nobody asked for it."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.end_of_person, _whose(person))

    async def of(self, visitor: Visitor) -> Sequence[SessionInfo]:
        """Where a person is signed in, what was used last first."""
        values = {**_whose(visitor), "days": IDLE_DAYS, "most": MOST}
        rows = await self._database.fetch(_SQL.get_of_person, values)
        return [
            SessionInfo(id=row.id, since=row.since, seen=row.seen, here=row.id == visitor.session)
            for row in rows
        ]


def _make_secret() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _whose(person: Person | Visitor) -> dict[str, object]:
    return {
        "platform": person.platform,
        "workspace": person.workspace,
        "person": person.person_id,
    }


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

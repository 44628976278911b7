"""Keys of the API: made, found by what a caller sends, listed and revoked. A key is a person."""

import hashlib
import re
import secrets
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import CommandError
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load
from bot.text.plurals import counted

_SQL = load("api_keys")

MOST = 20  # keys that one person may have at a time
BEGINNING = "nellie-"
SHOWN = len(BEGINNING) + 8  # characters by which people tell keys apart
_LETTERS = string.ascii_letters + string.digits  # no mark of a chat's markup is among them
_LENGTH = 43  # of those letters: 256 bits
_KEY = re.compile(BEGINNING + r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a key is made with."""

    platform: str
    """Where its person is, with `workspace`; empty for one who is on no platform."""
    workspace: str
    person_id: str
    name: str
    team: str = ""
    models: Sequence[str] = ()
    """What may be asked for; empty: everything."""
    expires_at: datetime | None = None
    trusted: bool = False
    """A front end whose headers name the person who sits before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """What is kept of a key."""

    id: int
    prefix: str
    """How it begins: enough to tell it from others, and no key."""
    platform: str
    workspace: str
    person_id: str
    name: str
    team: str
    models: Sequence[str]
    trusted: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None


class ApiKeys:
    """The keys in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewKey) -> tuple[str, StoredKey]:
        """Make a key; it is told this once and cannot be read later. Raises CommandError."""
        key = BEGINNING + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        values = {
            "hash": _hashed(key),
            "prefix": key[:SHOWN],
            "platform": new.platform,
            "workspace": new.workspace,
            "person": new.person_id,
            "name": new.name,
            "team": new.team,
            "models": list(new.models),
            "trusted": new.trusted,
            "expires_at": new.expires_at,
            "most": MOST,
        }
        for row in await self._database.fetch(_SQL.add, values):
            return key, _to_key(row)
        raise CommandError(
            reason=f"{new.name} has {counted(MOST, 'key')} already, and no more are given."
            " Revoke one that is not used."
        )

    async def find(self, key: str) -> StoredKey | None:
        """The key that a caller sent, unless it is unknown, revoked or expired."""
        if not _KEY.fullmatch(key):
            return None
        rows = await self._database.fetch(_SQL.find, {"hash": _hashed(key)})
        return _to_key(rows[0]) if rows else None

    async def get_good(self, ids: Collection[int]) -> Sequence[StoredKey]:
        """Those of these keys that are neither revoked nor expired."""
        rows = await self._database.fetch(_SQL.get_good, {"ids": [*ids]})
        return [_to_key(row) for row in rows]

    async def list(
        self, platform: str | None = None, person_id: str | None = None, *, every: bool = False
    ) -> list[StoredKey]:
        """The keys that are good, oldest first; of one person; `every` one, whatever became of it.

        Without a platform, of that id on each.
        """
        values = {"platform": platform, "person": person_id, "all": every}
        return [_to_key(row) for row in await self._database.fetch(_SQL.get_all, values)]

    async def change(
        self, prefix: str, *, models: Sequence[str], expires_at: datetime | None
    ) -> StoredKey | None:
        """Hold the key that begins so to other models, and to another end; None without one."""
        values = {"prefix": prefix, "models": list(models), "expires_at": expires_at}
        rows = await self._database.fetch(_SQL.change, values)
        return _to_key(rows[0]) if rows else None

    async def revoke(
        self,
        prefix: str | None = None,
        *,
        platform: str | None = None,
        person_id: str | None = None,
    ) -> Sequence[StoredKey]:
        """Revoke the key that begins so, or a person's keys; returns which ended."""
        assert prefix or person_id  # noqa: S101  # or else everybody's would end
        values = {"prefix": prefix, "platform": platform, "person": person_id}
        return [_to_key(row) for row in await self._database.fetch(_SQL.revoke, values)]


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _to_key(row: Row) -> StoredKey:
    return StoredKey(**dict(row.items()))

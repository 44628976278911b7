"""Addresses that a search of the web has returned in a channel, which may be opened there."""

import hashlib
from collections.abc import Iterable

from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("searched_addresses")

DAYS = 7
"""For so long an address may be opened that a search has returned."""


class SearchedAddresses:
    """The searched_address table. It holds no address, only what tells it from others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel_id: int, keys: Iterable[str]) -> None:
        """These were returned there."""
        hashes = sorted(set(map(_hash, keys)))
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, {"days": DAYS})
            if hashes:
                await connection.execute(_SQL.add, {"channel": channel_id, "hashes": hashes})

    async def has(self, channel_id: int, key: str) -> bool:
        """Whether this one was."""
        values = {"channel": channel_id, "hash": _hash(key), "days": DAYS}
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.has, values))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

"""Edits that came before their message: kept for a while, for whichever replica stores it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from bot.domain.documents import PostedFile
from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load

_SQL = load("early_edits")

SECONDS = 600.0  # for which one is kept: reading a long history in takes minutes
KEPT = 200  # of a channel, at most: an edit of what is never stored is kept, too


class EarlyEdits:
    """What messages that are not stored yet say by now; storing them looks here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        channel_id: int,
        message_id: str,
        text: str,
        at: datetime | None,
        files: Sequence[PostedFile] | None = None,
    ) -> bool:
        """Keep what an unknown message says since its newest edit; False where it is known.

        `files` are those that it has since then; None where they are as they were. Looked at twice:
        a statement that stores it may have begun before the first was committed.
        """
        kept = None if files is None else json.dumps([asdict(file) for file in files])
        values = {"channel": channel_id, "id": message_id, "text": text, "at": at, "files": kept}
        return await self._keep(channel_id, values) and await self._keep(channel_id, values)

    async def _keep(self, channel_id: int, values: Mapping[str, object]) -> bool:
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            if await connection.scalar(_SQL.is_known, values):
                await connection.execute(_SQL.drop, values)
                return False
            await connection.execute(_SQL.keep, {**values, "seconds": SECONDS, "kept": KEPT})
            return True

    async def drop_old(self) -> None:
        """Their messages did not come."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.drop_old)

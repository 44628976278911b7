"""Files that are taken from messages, or added to them, and what rests on those that go."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.documents import PostedFile
from bot.store.database import Database
from bot.store.message_edits import forget_answers_of, forget_with
from bot.store.message_inserts import lock_channel
from bot.store.posted_files import (
    FIND_EXPIRED,
    add_files,
    keep_out,
    losing_pictures,
    release_files,
)

EXPIRY_BATCH = 500  # files that expire in one go


class FileEdits:
    """Every change is one transaction under the channel's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, channel_id: int, seq: int, files: Sequence[PostedFile]) -> None:
        """Let a message have these files, and no others."""
        kept = [file.id for file in files]
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await _take(connection, channel_id, [seq], kept=kept)
            await add_files(connection, channel_id, seq, files)

    async def expire(self, days: int) -> None:
        """Forget what was added without a message and is kept too long.

        `days` holds where a channel has not set its own; 0 keeps for ever.
        """
        values = {"days": days, "limit": EXPIRY_BATCH}
        async with self._database.autocommit() as connection:
            rows = (await connection.execute(FIND_EXPIRED, values)).all()
        for row in rows:
            await self.forget(row.channel_id, [0], row.external_id)

    async def forget(self, channel_id: int, seqs: Sequence[int], file_id: str) -> None:
        """Take a file from messages, and everything that rests on what was read of it.

        It stays out of those messages, also when they are edited later.
        """
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await _take(connection, channel_id, seqs, files=[file_id])
            await keep_out(connection, channel_id, seqs, file_id)


async def _take(
    connection: AsyncConnection, channel_id: int, seqs: Sequence[int], **which: Sequence[str]
) -> None:
    """What was read of a document is known; of a picture, which answers may have seen it."""
    seen = await losing_pictures(connection, channel_id, seqs, **which)
    gone = await release_files(connection, channel_id, seqs, **which)
    await forget_with(connection, channel_id, [], gone)
    if seen:
        await forget_answers_of(connection, channel_id, seen)

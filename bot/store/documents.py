"""What was read of files: one document for the same content in a channel, and its passages.

A file is read in these steps, each of which bears that the process dies, the message is deleted or
another replica takes over:

    claimed = await claims.claim(owner, platforms=["slack"], lease=60)   # bot.store.file_claims
    await claims.keep(claimed, lease=60, progress="page 30 of 100")      # again and again
    if not await documents.point_to_known(claimed, sha256):              # the same content again
        await documents.put(claimed, sha256, document, rows)             # or refuse, or put_off

A document is there for others once `put` has committed; it goes with the last file that points to
it (bot.store.posted_files.release_files). Who waits for a file is told (bot.store.file_news).
"""

import asyncio
import time
from collections.abc import Iterable
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.documents import DocumentText, Passage
from bot.store.database import Database
from bot.store.file_claims import IS_OURS, POINT, ClaimedFile
from bot.store.message_edits import forget_with
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load

_SQL = load("documents")

PIECE = 25  # passages of one statement
REST = 0.5  # seconds between one and the next, at most; else as long as it took


class _Lost(Exception):
    """The file is gone, or another replica's; nothing of it is stored."""


class Documents:
    """Documents of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def point_to_known(self, claimed: ClaimedFile, sha256: str) -> bool:
        """Let a file stand for the document of its channel that has its content, if there is one.

        False where there is none; also where the file is not ours any more.
        """
        try:
            async with self._database.begin() as connection:
                document_id = await find_document(connection, claimed.channel_id, sha256)
                return document_id is not None and await _point(connection, claimed, document_id)
        except _Lost:
            return False

    async def put(
        self, claimed: ClaimedFile, sha256: str, document: DocumentText, rows: Iterable[str]
    ) -> bool:
        """Store what was read of a file; False, with nothing stored, where it is not ours any more.

        `rows` are its passages, each as bot.language.indexing.to_row has it, in JSON; they can be
        iterated again. The channel is held only for the last step, so that nobody waits for a long
        document.
        """
        try:
            while True:
                async with self._database.begin() as connection:
                    document_id = await add_document(
                        connection, claimed.channel_id, sha256, document, rows
                    )
                    if document_id is None:
                        document_id = await find_document(connection, claimed.channel_id, sha256)
                    if document_id and await _point(connection, claimed, document_id):
                        return True
                # The same content was known, and forgotten at this very moment.
        except _Lost:
            return False

    async def passages(
        self, channel_id: int, document_id: int, *, after: int = 0, limit: int = 500
    ) -> list[Passage]:
        """Passages of a document in their order, from the one after this number on."""
        values = {"channel": channel_id, "document": document_id, "after": after, "limit": limit}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.passages, values)
            return [
                Passage(
                    number=row.number,
                    text=row.text,
                    heading=row.heading,
                    first_page=row.first_page,
                    last_page=row.last_page,
                )
                for row in rows
            ]


async def find_document(connection: AsyncConnection, channel_id: int, sha256: str) -> int | None:
    """The document of a content, where it is known."""
    values = {"channel": channel_id, "sha256": sha256}
    found: int | None = await connection.scalar(_SQL.find, values)
    return found


async def add_document(
    connection: AsyncConnection,
    channel_id: int,
    sha256: str,
    document: DocumentText,
    rows: Iterable[str],
) -> int | None:
    """Add a document, which nobody sees before the transaction ends; None where it is known."""
    values = {
        "channel": channel_id,
        "sha256": sha256,
        "kind": document.kind,
        "title": document.title,
        "pages": document.pages,
        "notes": list(document.notes),
    }
    document_id: int | None = await connection.scalar(_SQL.add, values)
    if document_id is None:
        return None
    of_it = {"channel": channel_id, "document": document_id}
    left = iter(rows)
    while piece := ",".join(islice(left, PIECE)):
        began = time.monotonic()
        await connection.execute(_SQL.add_passages, {**of_it, "rows": f"[{piece}]"})
        await asyncio.sleep(min(time.monotonic() - began, REST))  # Postgres is others', too
    return document_id


async def _point(connection: AsyncConnection, claimed: ClaimedFile, document_id: int) -> bool:
    """Let a file stand for a document; False where that is gone. Raises _Lost.

    What was read of the file before goes, unless it was posted elsewhere, too.
    """
    channel_id, former = claimed.channel_id, claimed.former
    await lock_channel(connection, channel_id)
    pointed = await connection.execute(POINT, {**claimed.values, "document": document_id})
    if not pointed.rowcount:
        if await connection.scalar(IS_OURS, claimed.values) is None:
            raise _Lost
        return False
    if former is not None and former != document_id:
        await drop_if_left(connection, channel_id, former)
    return True


async def drop_if_left(connection: AsyncConnection, channel_id: int, document_id: int) -> None:
    """Forget a document that nobody has posted any more, where the channel is held."""
    values = {"channel": channel_id, "document": document_id}
    if await connection.scalar(_SQL.is_left, values) is not None:
        await forget_with(connection, channel_id, [], [document_id])

"""Documents out of a channel, and into one, as archives hold them."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.archives import ArchivedDocument, FilePlace
from bot.domain.documents import DocumentText, Passage, PostedFile
from bot.domain.model import Author
from bot.language.indexing import to_row
from bot.store.database import Database
from bot.store.documents import Documents, add_document, drop_if_left, find_document
from bot.store.message_inserts import lock_channel
from bot.store.posted_files import to_file_row
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("archived_documents")

PAGE = 500  # passages that are read at once


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document without its passages, which may be many."""

    id: int
    archived: ArchivedDocument


class _Nowhere(Exception):
    """What it was posted with is not remembered."""


class ArchivedDocuments:
    """Documents of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._documents = Documents(database)

    async def read(self, channel_id: int) -> AsyncIterator[StoredDocument]:
        """Every document of a channel."""
        after = 0
        while found := await self._next(channel_id, after):
            yield found
            after = found.id

    async def passages(self, channel_id: int, document_id: int) -> AsyncIterator[Passage]:
        """All of its passages, a page at a time."""
        after = 0
        while page := await self._documents.passages(
            channel_id, document_id, after=after, limit=PAGE
        ):
            for passage in page:
                yield passage
            after = page[-1].number

    async def bring(self, channel_id: int, platform: str, document: ArchivedDocument) -> bool:
        """Store a document where it stood; False where nothing that it stood with is remembered."""
        try:
            while True:
                async with self._database.begin() as connection:
                    await add_document(
                        connection,
                        channel_id,
                        document.sha256,
                        document.text,
                        _Rows(document.text.passages),
                    )
                    await lock_channel(connection, channel_id)
                    document_id = await find_document(connection, channel_id, document.sha256)
                    if document_id is not None:  # else it was known, and forgotten just now
                        await _place(connection, channel_id, platform, document_id, document)
                        return True
        except _Nowhere:
            return False

    async def _next(self, channel_id: int, after: int) -> StoredDocument | None:
        values = {"channel": channel_id, "after": after}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.next, values)).one_or_none()
            if row is None:
                return None
            of_it = {"channel": channel_id, "document": row.id}
            places = (await connection.execute(_SQL.places, of_it)).all()
        text = DocumentText(
            kind=row.kind, passages=(), title=row.title, pages=row.pages, notes=tuple(row.notes)
        )
        where = tuple(
            FilePlace(
                message_id=place.message_id or "",
                file=PostedFile(
                    id=place.external_id,
                    name=place.name,
                    media_type=place.media_type,
                    size=place.size,
                    alt=place.alt,
                ),
                origin=place.origin,
                author=Author(place.author_id, place.author_name),
                at=place.at,
            )
            for place in places
        )
        return StoredDocument(row.id, ArchivedDocument(row.sha256, text, where))


async def _place(
    connection: AsyncConnection,
    channel_id: int,
    platform: str,
    document_id: int,
    document: ArchivedDocument,
) -> None:
    """Let files stand for a document; what was read of them before goes. Raises _Nowhere."""
    former, is_placed = set[int](), False
    for place in document.places:
        values = {
            "channel": channel_id,
            "document": document_id,
            "message": place.message_id,
            "origin": place.origin,
            "person": place.author.id,
            "person_name": place.author.name,
            "fingerprint": fingerprint(platform, place.author.id),
            "at": place.at,
            "files": json.dumps([{**to_file_row(place.file), "state": "read"}]),
        }
        for row in await connection.execute(_SQL.place, values):
            is_placed = True
            former.add(row.former)
    if not is_placed:
        raise _Nowhere
    for one in former - {0, document_id}:
        await drop_if_left(connection, channel_id, one)


class _Rows:
    """Passages as the statement takes them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    def __iter__(self) -> Iterator[str]:
        return (json.dumps(to_row(passage)) for passage in self._passages)

"""Documents as the reading queue leaves them, without a file that anybody reads."""

import hashlib
import json

import sqlalchemy as sa

from bot.domain.documents import DocumentText, Passage
from bot.language.indexing import to_row
from bot.store.database import Database
from bot.store.file_claims import ClaimedFile
from bot.store.stores import Stores

_DOCUMENT = """
    INSERT INTO document (channel_id, sha256, kind, title, pages, passages, tokens, notes)
    VALUES (:channel, :sha256, 'PDF', 'Terms', 1, 1, 3, ARRAY['page 2 has no text'])
    ON CONFLICT (channel_id, sha256) DO UPDATE SET kind = 'PDF' RETURNING id
"""
_READ = """
    UPDATE posted_file SET document_id = :document, state = 'read'
    WHERE channel_id = :channel AND external_id = :file
"""
_PASSAGE = """
    INSERT INTO passage VALUES (:channel, :document, 1, 'Notice', 'thirty days', 1, 1, 3)
    ON CONFLICT DO NOTHING
"""
_POSTING = """
    INSERT INTO passage_posting VALUES (:channel, 'thirti', :document, 1, 1, 2)
    ON CONFLICT DO NOTHING
"""


async def pretend_to_read(database: Database, channel_id: int, file: str, sha256: str) -> int:
    """Let a posted file be read: one document by its content, of one passage; its number."""
    here = {"channel": channel_id}
    async with database.begin() as connection:
        document = await connection.scalar(sa.text(_DOCUMENT), {**here, "sha256": sha256})
        of_it = {**here, "document": document}
        await connection.execute(sa.text(_READ), {**of_it, "file": file})
        await connection.execute(sa.text(_PASSAGE), of_it)
        await connection.execute(sa.text(_POSTING), of_it)
    assert isinstance(document, int)
    return document


async def claim_file(stores: Stores, platform: str = "fake") -> ClaimedFile:
    """As the reading queue takes the file that is due."""
    claimed = await stores.file_claims.claim(7, platforms=[platform], lease=60)
    assert claimed, "no file is due"
    return claimed


async def read_file(stores: Stores, document: DocumentText, *, platform: str = "fake") -> None:
    """As the reading queue reads the file that is due: this stands in it."""
    claimed = await claim_file(stores, platform)
    await store_document(stores, claimed, document)


async def store_document(stores: Stores, claimed: ClaimedFile, document: DocumentText) -> None:
    """As the reading queue stores what stands in a file."""
    rows = [json.dumps(to_row(one)) for one in document.passages]
    sha256 = hashlib.sha256("".join(rows).encode()).hexdigest()
    assert await stores.documents.put(claimed, sha256, document, rows)


def document_of(*texts: str, kind: str = "PDF", pages: int | None = None) -> DocumentText:
    """A document of these passages, each on a page of its own."""
    passages = tuple(
        Passage(number=number, text=text, first_page=number, last_page=number)
        for number, text in enumerate(texts, start=1)
    )
    return DocumentText(kind=kind, passages=passages, pages=len(texts) if pages is None else pages)

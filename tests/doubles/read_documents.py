"""Documents as the reading queue leaves them, without a file that anybody reads."""

import sqlalchemy as sa

from bot.store.database import Database

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

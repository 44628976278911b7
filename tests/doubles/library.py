"""Files that were read, put into the database as the reading queue leaves them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.documents import Passage
from bot.language.indexing import to_row
from bot.store.database import Database

_DOCUMENT = sa.text("""
    INSERT INTO document (channel_id, sha256, kind, title, pages, passages, tokens, notes)
    VALUES (:channel, :sha256, :kind, :title, :pages, :passages, :tokens, '{}') RETURNING id
""")
_POST = sa.text("""
    INSERT INTO posted_file (channel_id, seq, external_id, origin, name, media_type, size, alt,
                             address, state, document_id, author_id, author_name, at)
    VALUES (:channel, :seq, :id, :origin, :name, '', 1, '', '', 'read', :document, :author_id,
            :author_name, coalesce(CAST(:at AS timestamptz), now()))
    ON CONFLICT (channel_id, seq, external_id)
    DO UPDATE SET state = 'read', document_id = excluded.document_id
""")
_PASSAGES = sa.text("""
    INSERT INTO passage (channel_id, document_id, number, heading, text, first_page, last_page,
                         tokens)
    SELECT :channel, :document, g.* FROM json_to_recordset(CAST(:rows AS json)) AS g(
        number int, heading text, text text, first_page int, last_page int, tokens int)
""")
_POSTINGS = sa.text("""
    INSERT INTO passage_posting (channel_id, term, document_id, number, count, length)
    SELECT :channel, t.key, :document, g.number, CAST(t.value AS smallint), g.length
    FROM json_to_recordset(CAST(:rows AS json)) AS g(number int, terms json, length smallint),
         json_each_text(g.terms) t
""")


def pages(*texts: str, heading: str = "") -> list[Passage]:
    """One passage a page."""
    return [
        Passage(number=number, text=text, heading=heading, first_page=number, last_page=number)
        for number, text in enumerate(texts, 1)
    ]


async def shelve(
    database: Database,
    channel_id: int,
    name: str,
    passages: Sequence[Passage],
    *,
    seq: int = 0,
    title: str = "",
    kind: str = "PDF",
    author: str = "Ana",
    at: datetime | None = None,
    origin: str = "",
    file_id: str = "",
) -> int:
    """A file with these passages, posted with a message or (0) without one; its document."""
    rows = [to_row(one) for one in passages]
    async with database.begin() as connection:
        values: dict[str, Any] = {
            "channel": channel_id,
            "sha256": f"{name} {seq} {file_id}",
            "kind": kind,
            "title": title,
            "pages": len(passages),
            "passages": len(passages),
            "tokens": sum(row["tokens"] for row in rows),
        }
        document = await connection.scalar(_DOCUMENT, values)
        here = {"channel": channel_id, "document": document, "rows": json.dumps(rows)}
        post = {
            "channel": channel_id,
            "document": document,
            "seq": seq,
            "id": file_id or name,
            "origin": origin or ("post" if seq else "operator"),
            "name": name,
            "author_id": f"U-{author}",
            "author_name": author,
            "at": at,
        }
        await connection.execute(_POST, post)
        await connection.execute(_PASSAGES, here)
        await connection.execute(_POSTINGS, here)
    assert isinstance(document, int)
    return document

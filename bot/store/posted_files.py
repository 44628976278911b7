"""Files of messages: stored with their message, and gone with it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.documents import PostedFile
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("posted_files")

_STATES = {"document": "waiting"}


def to_file_row(file: PostedFile) -> dict[str, object]:
    """A file as the statements take it (`given` of posted_files.sql)."""
    return {
        "external_id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "alt": file.alt,
        "address": file.address,
        "state": _STATES.get(file.kind, file.kind),
    }


def to_json(files: Sequence[PostedFile]) -> str | None:
    """Files as a turn keeps them; None where there are none."""
    return json.dumps([asdict(file) for file in files]) if files else None


def to_files(kept: str | list[dict[str, Any]] | None) -> tuple[PostedFile, ...]:
    """The files that a turn keeps."""
    rows = json.loads(kept) if isinstance(kept, str) else kept
    return tuple(PostedFile(**row) for row in rows or ())


class PostedFiles:
    """Where files stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def posts(
        self, platform: str, workspace: str, file_id: str
    ) -> list[tuple[int, list[int]]]:
        """(channel, numbers of messages) that a file was posted with, by the platform's id."""
        values = {"platform": platform, "workspace": workspace, "file": file_id}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_posts, values)
            return [(row.channel_id, list(row.seqs)) for row in rows]


async def add_files(
    connection: AsyncConnection, channel_id: int, seq: int, files: Sequence[PostedFile]
) -> None:
    """Note files of a message that is remembered; those that it had are left as they are."""
    values = {"channel": channel_id, "seq": seq, "files": json.dumps([*map(to_file_row, files)])}
    await connection.execute(_SQL.add, values)


async def release_files(
    connection: AsyncConnection,
    channel_id: int,
    seqs: Sequence[int],
    *,
    kept: Sequence[str] | None = None,
    files: Sequence[str] | None = None,
) -> list[int]:
    """Take files from messages, inside a transaction that holds the channel.

    Those but `kept`, or `files` alone, by their ids. Returns the documents that nobody has posted
    any more: what rests on them is to be forgotten (bot.store.message_edits.forget_with).
    """
    values = {"channel": channel_id, "seqs": list(seqs), "kept": kept, "files": files}
    return list((await connection.execute(_SQL.release, values)).scalars())


async def release_added_files(
    connection: AsyncConnection, channel_id: int, person_id: str | None
) -> list[int]:
    """The same of what a person, or everybody, has added without a message."""
    values = {"channel": channel_id, "person": person_id}
    return list((await connection.execute(_SQL.release_added, values)).scalars())


async def delete_documents(
    connection: AsyncConnection, channel_id: int, documents: Sequence[int]
) -> None:
    """Delete what was read, and its index."""
    if documents:
        values = {"channel": channel_id, "documents": list(documents)}
        await connection.execute(_SQL.delete_documents, values)

"""Files of messages: stored with their message, and gone with it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.documents import FilePost, Origin, PostedFile
from bot.domain.model import Author, Message
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("posted_files")

LEFT_ALONE = 30.0  # seconds after a change, in which whoever writes may write more

FIND_EXPIRED = _SQL.find_expired

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
    """Where files stand, and how far reading them is."""

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

    async def in_channel(self, channel_id: int, *, limit: int = 1_000) -> list[FilePost]:
        """What was read in a channel, waits or cannot be read; the newest first."""
        return await self._select(_SQL.in_channel, channel=channel_id, limit=limit)

    async def of_messages(self, channel_id: int, seqs: Sequence[int]) -> list[FilePost]:
        """The files of messages, pictures and sounds too."""
        return await self._select(_SQL.of_messages, channel=channel_id, seqs=list(seqs))

    async def of_documents(self, channel_id: int, documents: Sequence[int]) -> list[FilePost]:
        """Where documents were posted; the newest first."""
        return await self._select(_SQL.of_documents, channel=channel_id, documents=list(documents))

    async def add(
        self, channel_id: int, files: Sequence[PostedFile], *, origin: Origin, author: Author
    ) -> None:
        """Let files be read that no message brings; those that were added before, once more.

        The id of a link is its address, that of the operator's its path. FileEdits.forget takes
        one out again, as the file of message 0.
        """
        values = {
            "channel": channel_id,
            "origin": origin,
            "person": author.id,
            "person_name": author.name,
            "files": json.dumps([*map(to_file_row, files)]),
        }
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.add, values)

    async def add_links(self, channel_id: int, seq: int, links: Sequence[PostedFile]) -> None:
        """Let what a message that is remembered links to be read with it; the id is the address."""
        async with self._database.autocommit() as connection:
            await add_files(connection, channel_id, seq, links, origin="link")

    async def hear(self, platforms: Sequence[str]) -> None:
        """Let sounds be read like documents, also those from before anything heard them."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.hear, {"platforms": list(platforms)})

    async def try_again(self, platforms: Sequence[str], *, limit: int) -> None:
        """Read what could not be read for want of a right; the newest, so many."""
        values = {"platforms": list(platforms), "limit": limit}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.try_again, values)

    async def read_again(self, platform: str, workspace: str, file_id: str) -> None:
        """Read a file anew that may say something else by now, once it has been left alone."""
        values = {"platform": platform, "workspace": workspace, "file": file_id}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.read_again, values | {"seconds": LEFT_ALONE})

    async def with_files(self, channel_id: int, messages: Sequence[Message]) -> list[Message]:
        """Messages with the files that they have."""
        posts = await self.of_messages(channel_id, [message.seq for message in messages])
        files: dict[int, list[PostedFile]] = {}
        for post in posts:
            files.setdefault(post.seq, []).append(post.file)
        return [replace(one, files=tuple(files.get(one.seq, ()))) for one in messages]

    async def _select(self, sql: sa.TextClause, **values: object) -> list[FilePost]:
        async with self._database.autocommit() as connection:
            return [_to_post(row) for row in await connection.execute(sql, values)]


def _to_post(row: sa.Row[Any]) -> FilePost:
    return FilePost(
        channel_id=row.channel_id,
        seq=row.seq,
        file=PostedFile(
            id=row.external_id,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            alt=row.alt,
            address=row.address,
        ),
        origin=row.origin,
        state=row.state,
        note=row.note,
        mendable=row.mendable,
        progress=row.progress,
        document_id=row.document_id,
        kind=row.kind or "",
        pages=row.pages or 0,
        notes=tuple(row.notes or ()),
        author=row.posted_by if row.seq else row.author_name,
        at=row.said_at or row.at,
        link=row.link if row.seq else row.external_id if row.origin == "link" else "",
        author_id=row.poster if row.seq else row.author_id,
        sha256=row.sha256 or "",
    )


async def add_files(
    connection: AsyncConnection,
    channel_id: int,
    seq: int,
    files: Sequence[PostedFile],
    *,
    origin: Origin = "post",
) -> None:
    """Note files of a message that is remembered, and what is said now of those that it had."""
    rows = json.dumps([*map(to_file_row, files)])
    values = {"channel": channel_id, "seq": seq, "origin": origin, "files": rows}
    await connection.execute(_SQL.add_to_message, values)


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


async def keep_out(
    connection: AsyncConnection, channel_id: int, seqs: Sequence[int], file_id: str
) -> None:
    """Note that a file was forgotten, so that no edit of its message brings it back."""
    values = {"channel": channel_id, "seqs": list(seqs), "file": file_id}
    await connection.execute(_SQL.keep_out, values)


async def losing_pictures(
    connection: AsyncConnection,
    channel_id: int,
    seqs: Sequence[int],
    *,
    kept: Sequence[str] | None = None,
    files: Sequence[str] | None = None,
) -> list[int]:
    """The messages from which release_files would take a picture."""
    values = {"channel": channel_id, "seqs": list(seqs), "kept": kept, "files": files}
    return list((await connection.execute(_SQL.losing_pictures, values)).scalars())


async def release_added_files(
    connection: AsyncConnection, channel_id: int, person_id: str | None
) -> list[int]:
    """The same of what a person, or everybody, has added without a message."""
    values = {"channel": channel_id, "person": person_id}
    return list((await connection.execute(_SQL.release_added, values)).scalars())


async def weigh_documents(
    connection: AsyncConnection,
    channel_id: int,
    seqs: Sequence[int],
    *,
    person: str = "",
    everybody: bool = False,
) -> list[int | None]:
    """The documents that would go with messages, and with what somebody, or everybody, has added.

    None for each that was added and is not read so far.
    """
    values = {"channel": channel_id, "seqs": list(seqs), "person": person, "everybody": everybody}
    return list((await connection.execute(_SQL.weigh, values)).scalars())


async def delete_documents(
    connection: AsyncConnection, channel_id: int, documents: Sequence[int]
) -> None:
    """Delete what was read, and its index."""
    if documents:
        values = {"channel": channel_id, "documents": list(documents)}
        await connection.execute(_SQL.delete_documents, values)

"""How messages come in: each once, numbered, indexed, and together with what else is owed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model import Message
from bot.language.indexing import to_postings
from bot.prompting.message_line import count_line_tokens
from bot.store.posted_files import to_file_row, to_files
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("message_inserts")

LOCK_CHANNEL = _SQL.lock_channel
"""Holds the row of `channel` until the transaction ends."""
_UNIQUE_KEY = "uq_message_channel_id_external_id"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message on its way into the table."""

    message: Message
    rests_on: tuple[int, ...] = ()
    """For an answer: what it answers, and what was found for it; it is forgotten with them."""
    shown_from: int | None = None
    """For an answer: the lowest number in its window (bot.store.resting_answers)."""
    remembered: bool = True
    """False where only its place is taken, so that it cannot come later."""
    as_edited: bool = False
    """It says what an edit that came before it has left (bot.store.early_edits)."""

    def edited_early(self, row: Any) -> "NewMessage":
        """The same, as its edit left it (`early` of early_edits.sql)."""
        at = row.early_at or self.message.edited_at
        message = replace(self.message, text=row.early, edited_at=at)
        if row.early_files is not None:
            message = replace(message, files=to_files(row.early_files))
        message = replace(message, tokens=count_line_tokens(message))
        return replace(self, message=message, as_edited=True)


async def lock_channel(connection: AsyncConnection, channel_id: int) -> None:
    """Hold the channel's row until the transaction ends."""
    await connection.execute(_SQL.lock_channel, {"channel": channel_id})


async def add(
    connection: AsyncConnection, channel_id: int, messages: Sequence[NewMessage]
) -> dict[str, int]:
    """Store messages inside a transaction that holds the channel (`lock_channel`).

    What is stored already is left out of the result. What a person who opted out says takes its
    place with no name and no text, and so does what was said before its author was forgotten.
    """
    unique: dict[str, NewMessage] = {}
    for new in messages:
        unique.setdefault(new.message.id, new)
    rows = await _store(connection, channel_id, unique.values())
    early = [row for row in rows if row.early is not None]
    if early:
        for row in early:
            new = unique[row.external_id].edited_early(row)
            unique[row.external_id] = new
        rows = await _store(connection, channel_id, unique.values())
    return {row.external_id: row.seq for row in rows}


async def _store(
    connection: AsyncConnection, channel_id: int, messages: Iterable[NewMessage]
) -> Sequence[sa.Row[Any]]:
    values = {"channel": channel_id, "rows": to_rows(messages)}
    return (await connection.execute(_SQL.store, values)).all()


def is_stored_meanwhile(error: asyncpg.UniqueViolationError) -> bool:
    """Whether another transaction stored one of the messages between our look and our write.

    Then the statement has changed nothing.
    """
    return error.constraint_name == _UNIQUE_KEY  # type: ignore[no-any-return]  # set by the driver


def to_rows(messages: Iterable[NewMessage]) -> str:
    """Messages as the statements take them (`given` of message_inserts.sql)."""
    return json.dumps([_to_row(new) for new in messages])


def _to_row(new: NewMessage) -> dict[str, object]:
    message, platform = new.message, new.message.channel.platform
    known = message.author.id and not message.author.nellie
    return {
        "external_id": message.id,
        "author_id": message.author.id,
        "author_name": message.author.name,
        "nellie": message.author.nellie,
        "bot": message.author.bot,
        "text": message.text,
        "said_at": message.at.isoformat(),
        "thread": message.thread,
        "reply_to": message.reply_to,
        "link": message.link,
        "addressed": message.addressed,
        "mentions": message.mentions or None,
        "tokens": message.tokens,
        "rests_on": new.rests_on or None,
        "shown_from": new.shown_from,
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
        "kept": new.remembered,
        "as_edited": new.as_edited or None,
        "files": [to_file_row(file) for file in message.files] or None,
        "person": fingerprint(platform, message.author.id) if known else "",
        "mentioned": [fingerprint(platform, id_) for id_ in message.mentions] or None,
        **to_postings(f"{message.author.name} {message.text}"),
    }

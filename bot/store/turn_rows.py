"""Turns as rows: what is kept of a question, and how a turn is read back."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.domain.model import Channel, Message, Turn
from bot.store.hot_connections import Row
from bot.store.messages import to_message
from bot.store.posted_files import to_files, to_json
from bot.text.fingerprints import fingerprint


def to_turn(row: sa.Row[tuple[Any, ...]] | Row, channel: Channel) -> Turn:
    """A turn, from a row of the columns of turns.sql. What it knows itself overrides its message.

    A replica of the former version knew only that a turn which is not remembered keeps its text.
    """
    message = to_message(row, channel)
    author = message.author
    if row.asker_id:
        author = replace(author, id=row.asker_id, name=row.asker_name)
    trigger = replace(
        message,
        text=message.text if row.question is None else row.question,
        author=author,
        private=row.private,
        mentions=tuple(row.mentions),
        reply=row.reply or "",
        files=to_files(row.files),
    )
    return Turn(
        id=row.turn_id,
        channel=channel,
        lane=row.lane,
        trigger=trigger,
        attempts=row.attempts,
        posted=tuple(row.posted),
        text=row.turn_text,
        remembered=row.remembered and row.question is None,
        waited=row.waited or 0.0,
        ahead=getattr(row, "ahead", None),
    )


def question_values(message: Message) -> dict[str, object]:
    """What a turn keeps of its question: not all of it stands in the message's row."""
    author = message.author
    return {
        "lane": message.lane,
        "question": message.text,
        "files": to_json(message.files),
        "private": message.private,
        "asker_id": author.id,
        "asker_name": author.name,
        "mentions": list(message.mentions),
        "payer": "" if author.nellie else fingerprint(message.channel.platform, author.id),
        "reply": message.reply,
    }

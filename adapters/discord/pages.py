"""The messages of a channel, page by page; one that Discord garbled does not hide the others."""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.garbled import Garbled

PAGE = 100  # the most that Discord gives at once
AHEAD = timedelta(days=1)  # that Discord's clock may be before ours

Readable = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.PartialMessageable
)
Post = discord.Message | discord.Object | None
"""A message. Of one that cannot be read there is the id alone, or nothing at all."""

log = structlog.get_logger(__name__, platform="discord")


async def read_posts(
    client: Client, source: Readable, *, after: int, before: int | None = None
) -> AsyncGenerator[Post]:
    """All between two ids, oldest first. Raises discord.py's errors, and Garbled for a page."""
    while True:
        page = await client.http.logs_from(source.id, PAGE, after=after)
        if not isinstance(page, list):
            raise Garbled("a page of history is no list")
        known = list(_with_ids(page[::-1], after))
        for raw, id_ in known:
            if before is None or id_ is None or id_ < before:
                yield _read(client, source, raw, id_)
        ids = [id_ for _, id_ in known if id_ is not None]
        if len(page) < PAGE or (before is not None and ids and ids[-1] >= before):
            return
        if not ids:  # nobody knows where the next one begins
            raise Garbled("a page of history has no ids")
        after = ids[-1]


async def read_newest(client: Client, source: Readable, limit: int) -> list[discord.Message]:
    """The newest that can be read, the newest first. Raises discord.py's errors, and Garbled."""
    page = await client.http.logs_from(source.id, limit)
    if not isinstance(page, list):
        raise Garbled("a page of history is no list")
    read = (_read(client, source, raw, id_) for raw, id_ in _with_ids(page, 0))
    return [post for post in read if isinstance(post, discord.Message)]


async def read_one(client: Client, source: Readable, message_id: int) -> discord.Message | None:
    """One message; None where it cannot be read. Raises discord.py's errors."""
    raw = await client.http.get_message(source.id, message_id)
    read = _read(client, source, raw, message_id)
    return read if isinstance(read, discord.Message) else None


def tell_left_out(channel_id: int, error: Exception) -> None:
    """Log that a message of the history was left out."""
    log.warning("history_message_not_understood", channel=channel_id, error=type(error).__name__)


def _with_ids(page: list[Any], after: int) -> Iterator[tuple[Any, int | None]]:
    """What came, and the id of each, where it has one that can be."""
    latest = discord.utils.time_snowflake(datetime.now(UTC) + AHEAD)
    for raw in page:
        text = str(raw.get("id")) if isinstance(raw, dict) else ""
        id_ = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
        yield raw, id_ if after < id_ <= latest else None


def _read(client: Client, source: Readable, raw: Any, id_: int | None) -> Post:
    try:
        if id_ is None:
            raise Garbled("it has no id")
        return client.to_message(source, raw)
    except Exception as error:  # whatever a garbled one makes discord.py raise
        tell_left_out(source.id, error)
    return None if id_ is None else discord.Object(id_)

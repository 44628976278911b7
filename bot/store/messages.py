"""Messages, read back: by number, by conversation, by person."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bot.domain.message_row import MessageRow, in_channel
from bot.domain.model import Author, Channel, Message
from bot.store.channels import ChannelState, to_state
from bot.store.database import Database
from bot.store.message_inserts import NewMessage, add, lock_channel
from bot.store.parameters import array_text
from bot.store.sql_files import load

_SQL = load("messages")

NEAR = 50  # messages after a thread's first one, among which Nellie's answer to it is looked for
AUTHORS_KEPT = 1_024  # of 200 bytes each
PAGE = 2_000  # messages read at a time when a whole channel is read

Moment = tuple[datetime, int]
"""A place in time: when something was said, and its number among what was said just then."""
BEGINNING: Moment = (datetime.min.replace(tzinfo=UTC), 0)


class Messages:
    """What was said, by channel and sequence number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel_id: int, messages: Sequence[NewMessage]) -> dict[str, int]:
        """Store messages in their order, in one transaction; returns the new ones' numbers."""
        async with self._database.begin() as connection:
            # Held from the start: a large batch must not find its numbers taken half-way.
            await lock_channel(connection, channel_id)
            return await add(connection, channel_id, messages)

    async def get(self, channel: Channel, channel_id: int, seqs: Iterable[int]) -> list[Message]:
        """Messages by number, oldest first, without the forgotten ones."""
        return in_channel(await self.rows(channel_id, seqs), channel)

    async def rows(self, channel_id: int, seqs: Iterable[int]) -> list[MessageRow]:
        """The same, to choose from."""
        values = {"channel": channel_id, "seqs": array_text(seqs)}
        return list(map(to_message_row, await self._database.fetch(_SQL.get, values)))

    async def newest(
        self,
        channel: Channel,
        channel_id: int,
        *,
        after: Moment | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> list[Message]:
        """The newest of what people said in a time, in the order of time."""
        since, number = after or BEGINNING
        values = {
            "channel": channel_id,
            "after": since,
            "after_seq": number,
            "until": until,
            "limit": limit,
        }
        return (await self._read(_SQL.get_newest, channel, values))[::-1]

    async def read_window(
        self, channel_id: int, *, after: int, limit: int
    ) -> tuple[ChannelState, list[Message]]:
        """A channel's state and what its window holds, both as they are at one moment.

        That is the newest messages in the order of time, or after a number those with higher ones.
        """
        values = {"channel": channel_id, "limit": limit}
        if after:
            values = {"channel": channel_id, "after": after, "most_new": limit}
        rows = await self._database.fetch(_SQL.read_on if after else _SQL.read_window, values)
        state = to_state(rows[0])
        messages = [to_message(row, state.channel) for row in rows[::-1] if row.seq is not None]
        return state, messages

    async def thread(
        self, channel: Channel, channel_id: int, thread: str, *, before: int, limit: int
    ) -> list[Message]:
        """A thread's root and its newest messages below a number, in the order of time."""
        values = {
            "channel": channel_id,
            "thread": thread,
            "before": before,
            "most": limit,
            "near": NEAR,
        }
        return await self._read(_SQL.get_thread, channel, values)

    async def read_in_order(
        self, channel: Channel, channel_id: int, *, first: int = 1, last: int | None = None
    ) -> AsyncGenerator[Message]:
        """Every message in order, a page at a time, without the forgotten ones."""
        after = first - 1
        while True:
            values = {"channel": channel_id, "after": after, "last": last, "limit": PAGE}
            page = await self._read(_SQL.read_page, channel, values)
            for message in page:
                yield message
            if len(page) < PAGE:
                return
            after = page[-1].seq

    async def oldest_of_window(self, state: ChannelState, *, limit: int) -> list[Message]:
        """Where the window begins, in the order of time."""
        values = {"channel": state.id, "limit": limit}
        return await self._read(_SQL.get_oldest_of_window, state.channel, values)

    async def oldest_late(self, state: ChannelState, *, limit: int) -> list[Message]:
        """What came in behind the window and is not summarized yet, in the order of time."""
        values = {"channel": state.id, "limit": limit}
        return await self._read(_SQL.get_oldest_late, state.channel, values)

    async def seqs_of_author(self, channel_id: int, author_id: str) -> list[int]:
        """The numbers of all that a person said."""
        values = {"channel": channel_id, "id": author_id}
        async with self._database.autocommit() as connection:
            return list((await connection.execute(_SQL.get_seqs_of_author, values)).scalars())

    async def find_people(self, channel_id: int, name: str) -> list[tuple[Author, int]]:
        """Everybody here with this id or, at some time, this name, and how often they spoke."""
        values = {"channel": channel_id, "name": name}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_people, values)
            return [(Author(row.author_id, row.name), row.messages) for row in rows]

    async def authors(self, channel_id: int, *, limit: int) -> list[Author]:
        """Those who spoke here, by the names that they had last; so many of them at most."""
        values = {"channel": channel_id, "limit": limit}
        return [Author(*row) for row in await self._database.fetch(_SQL.get_authors, values)]

    async def last_said_by(self, channel_id: int, author_id: str) -> Moment | None:
        """When a person said something last; None if they never did."""
        values = {"channel": channel_id, "id": author_id}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get_last_said_by, values)).one_or_none()
            return None if row is None else (row.said_at, row.seq)

    async def last_said_to_others(self, channel_id: int, author_id: str) -> Moment | None:
        """When a person last said something that was not meant for Nellie."""
        values = {"channel": channel_id, "id": author_id}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get_said_to_others, values)).one_or_none()
            return None if row is None else (row.said_at, row.seq)

    async def find(self, channel: Channel, channel_id: int, message_id: str) -> Message | None:
        """A message by the platform's id."""
        values = {"channel": channel_id, "id": message_id}
        return next(iter(await self._read(_SQL.find, channel, values)), None)

    async def find_linked(self, channel: Channel, channel_id: int, path: str) -> list[Message]:
        """Messages whose links have this path in them, the shortest links first."""
        values = {"channel": channel_id, "path": path, "limit": NEAR}
        return await self._read(_SQL.find_linked, channel, values)

    async def first(self, channel: Channel, channel_id: int) -> Message | None:
        """The message that was said first, of all that is remembered."""
        return next(iter(await self._read(_SQL.get_first, channel, {"channel": channel_id})), None)

    async def all_seqs(self, channel_id: int) -> list[int]:
        """The numbers of all messages."""
        values = {"channel": channel_id}
        async with self._database.autocommit() as connection:
            return list((await connection.execute(_SQL.get_all_seqs, values)).scalars())

    async def seqs_of_time(
        self, channel_id: int, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[int]:
        """The numbers of all that was said from one moment on, before another."""
        values = {"channel": channel_id, "since": since, "until": until}
        async with self._database.autocommit() as connection:
            return list((await connection.execute(_SQL.get_seqs_of_time, values)).scalars())

    async def count(self, channel_id: int) -> int:
        """How many messages are remembered."""
        async with self._database.autocommit() as connection:
            return int(await connection.scalar(_SQL.count, {"channel": channel_id}) or 0)

    async def count_forgotten(self, channel_id: int, ids: Sequence[str]) -> int:
        """How many of these, by their platform's ids, were there and are no longer remembered."""
        values = {"channel": channel_id, "ids": list(ids)}
        async with self._database.autocommit() as connection:
            return int(await connection.scalar(_SQL.count_forgotten, values) or 0)

    async def _read(
        self, sql: sa.TextClause, channel: Channel, values: Mapping[str, object]
    ) -> list[Message]:
        return [to_message(row, channel) for row in await self._database.fetch(sql, values)]


def to_message(row: Sequence[Any], channel: Channel) -> Message:
    """A message, from a row that begins with the columns of messages.sql."""
    return to_message_row(row).in_channel(channel)


def to_message_row(row: Sequence[Any]) -> MessageRow:
    """The same, to choose from."""
    # tuple.__new__, since MessageRow's own takes as long again.
    return _new_tuple(MessageRow, (row[0], row[1], _to_author(*row[2:6]), *row[6:14]))


_new_tuple = tuple.__new__
_to_author = lru_cache(maxsize=AUTHORS_KEPT)(Author)  # the same few people said most of it

"""Messages, read back: by number, by conversation, by person."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import sqlalchemy as sa

from bot.conversation import Author, Channel, Message
from bot.store.adding import LOCK, Stored, add
from bot.store.channels import STATE, ChannelState, state
from bot.store.database import Database

NEAR = 50  # messages after a thread's first one, among which her answer to that is looked for
PAGE = 2_000  # messages read at a time when a whole channel is walked


class Messages:
    """What was said, by channel and sequence number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel_id: int, said: Sequence[Stored]) -> dict[str, int]:
        """Store messages in their order, in one transaction; returns the new ones' numbers."""
        async with self._database.begin() as connection:
            # Held from the start: a large batch must not find its numbers taken half-way.
            await connection.execute(LOCK, {"channel": channel_id})
            return await add(connection, channel_id, said)

    async def get(self, channel: Channel, channel_id: int, seqs: Sequence[int]) -> list[Message]:
        """Messages by number, oldest first, without the forgotten ones."""
        async with self._database.single() as connection:
            rows = await connection.execute(_GET, {"channel": channel_id, "seqs": list(seqs)})
            return [message(row, channel) for row in rows]

    async def newest(
        self, channel: Channel, channel_id: int, *, after: int, limit: int
    ) -> list[Message]:
        """The newest messages after a number, oldest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(
                _NEWEST, {"channel": channel_id, "after": after, "limit": limit}
            )
            return [message(row, channel) for row in reversed(rows.all())]

    async def grown(
        self, channel_id: int, *, after: int, limit: int
    ) -> tuple[ChannelState, list[Message]]:
        """A channel's state and its newest messages after a number, of one moment, oldest first."""
        async with self._database.single() as connection:
            key = {"channel": channel_id, "after": after, "limit": limit}
            found = (await connection.execute(_GROWN, key)).all()
        now = state(found[0])
        fresh = [message(row, now.channel) for row in reversed(found) if row.seq is not None]
        return now, fresh

    async def thread(
        self, channel: Channel, channel_id: int, thread: str, *, before: int, limit: int
    ) -> list[Message]:
        """A thread's root and its newest messages before a number, oldest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(
                _THREAD,
                {"channel": channel_id, "thread": thread, "before": before, "limit": limit},
            )
            return [message(row, channel) for row in rows]

    async def replied_to(
        self, channel: Channel, channel_id: int, message_id: str, *, limit: int
    ) -> list[Message]:
        """The chain of replies that ends with this message, oldest first."""
        async with self._database.single() as connection:
            rows = await connection.execute(
                _CHAIN, {"channel": channel_id, "id": message_id, "limit": limit}
            )
            return [message(row, channel) for row in rows]

    async def walk(
        self, channel: Channel, channel_id: int, *, first: int = 1, last: int | None = None
    ) -> AsyncGenerator[Message]:
        """Every message in order, a page at a time, without the forgotten ones."""
        after = first - 1
        while True:
            async with self._database.single() as connection:
                rows = await connection.execute(
                    _WALK,
                    {"channel": channel_id, "after": after, "last": last, "limit": PAGE},
                )
                page = rows.all()
            for row in page:
                yield message(row, channel)
            if len(page) < PAGE:
                return
            after = page[-1].seq

    async def of_author(self, channel_id: int, author_id: str) -> list[int]:
        """The numbers of all that a person said."""
        async with self._database.single() as connection:
            rows = await connection.execute(_OF_AUTHOR, {"channel": channel_id, "id": author_id})
            return list(rows.scalars())

    async def people(self, channel_id: int, name: str) -> list[tuple[Author, int]]:
        """Everybody here with this id or, at some time, this name, and how often they spoke."""
        async with self._database.single() as connection:
            rows = await connection.execute(_PEOPLE, {"channel": channel_id, "name": name})
            return [(Author(row.author_id, row.name), row.said) for row in rows]

    async def authors(self, channel_id: int, *, limit: int) -> list[Author]:
        """Those who spoke here, by the names that they had last; so many of them at most."""
        async with self._database.single() as connection:
            rows = await connection.execute(_AUTHORS, {"channel": channel_id, "limit": limit})
            return [Author(*row) for row in rows]

    async def last_of(self, channel_id: int, author_id: str, *, before: int) -> int:
        """The number of the last thing that a person said; 0 if nothing."""
        async with self._database.single() as connection:
            seq = await connection.scalar(
                _LAST_OF, {"channel": channel_id, "id": author_id, "before": before}
            )
            return int(seq or 0)

    async def find(self, channel: Channel, channel_id: int, message_id: str) -> Message | None:
        """A message by the platform's id."""
        async with self._database.single() as connection:
            key = {"channel": channel_id, "id": message_id}
            row = (await connection.execute(_FIND, key)).one_or_none()
            return None if row is None else message(row, channel)

    async def first(self, channel: Channel, channel_id: int) -> Message | None:
        """The message that was said first, of all that is remembered."""
        async with self._database.single() as connection:
            row = (await connection.execute(_FIRST, {"channel": channel_id})).one_or_none()
            return None if row is None else message(row, channel)

    async def every(self, channel_id: int) -> list[int]:
        """The numbers of all messages."""
        async with self._database.single() as connection:
            return list((await connection.execute(_EVERY, {"channel": channel_id})).scalars())

    async def count(self, channel_id: int) -> int:
        """How many messages are remembered."""
        async with self._database.single() as connection:
            return int(await connection.scalar(_COUNT, {"channel": channel_id}) or 0)


# What `message` reads, first in its row: by place, since by name takes three times as long.
SAID = """
    m.seq, m.external_id, m.author_id, m.author_name, m.nellie, m.text, m.said_at, m.thread,
    m.reply_to, m.addressed, m.link, m.tokens
"""


def message(row: sa.Row[tuple[Any, ...]], channel: Channel) -> Message:
    """A row that begins with the columns of SAID, as the house knows it."""
    first: tuple[Any, ...] = row[:12]
    seq, id, author_id, name, nellie, text, at, thread, reply_to, addressed, link, tokens = first
    author = Author(author_id, name, nellie)
    return Message(
        channel, id, author, text, at, thread, reply_to, addressed, (), link, seq, tokens
    )


_GET = sa.text(f"""
    SELECT {SAID} FROM message m
    WHERE channel_id = :channel AND seq = ANY(:seqs) AND NOT deleted ORDER BY seq
""")  # noqa: S608  # only our own constants are put in

_NEWEST = sa.text(f"""
    SELECT {SAID} FROM message m WHERE channel_id = :channel AND seq > :after AND NOT deleted
    ORDER BY seq DESC LIMIT :limit
""")  # noqa: S608  # only our own constants are put in

_GROWN = sa.text(f"""
    SELECT {SAID}, {STATE}
    FROM channel c LEFT JOIN LATERAL (
        SELECT * FROM message
        WHERE channel_id = c.id AND seq > greatest(:after, c.watermark) AND NOT deleted
        ORDER BY seq DESC LIMIT :limit
    ) m ON true WHERE c.id = :channel ORDER BY m.seq DESC
""")  # noqa: S608  # only our own constants are put in

# What begins a thread may itself stand outside of it, and so may her answer to that: soon after it.
_THREAD = sa.text(f"""
    WITH root AS (
        SELECT seq FROM message WHERE channel_id = :channel AND external_id = :thread
    )
    SELECT {SAID} FROM (
        (SELECT * FROM message WHERE channel_id = :channel AND thread = :thread
         AND thread <> '' AND seq < :before AND NOT deleted ORDER BY seq LIMIT 1)
        UNION
        (SELECT message.* FROM message, root
         WHERE channel_id = :channel AND message.seq BETWEEN root.seq AND root.seq + {NEAR}
         AND :thread IN (external_id, reply_to) AND message.seq < :before AND NOT deleted)
        UNION
        (SELECT * FROM message WHERE channel_id = :channel AND thread = :thread
         AND thread <> '' AND seq < :before AND NOT deleted ORDER BY seq DESC LIMIT :limit)
    ) m ORDER BY seq
""")  # noqa: S608  # only our own constants are put in

_CHAIN = sa.text(f"""
    WITH RECURSIVE chain AS (
        SELECT m.*, 1 AS depth FROM message m
        WHERE channel_id = :channel AND external_id = :id AND NOT deleted
        UNION ALL
        SELECT m.*, depth + 1 FROM message m JOIN chain c
        ON m.channel_id = :channel AND m.external_id = c.reply_to AND NOT m.deleted
        WHERE depth < :limit
    ) CYCLE seq SET looped USING path
    SELECT {SAID} FROM chain m WHERE NOT looped ORDER BY seq
""")  # noqa: S608  # only our own constants are put in

_WALK = sa.text(f"""
    SELECT {SAID} FROM message m
    WHERE channel_id = :channel AND seq > :after AND seq <= coalesce(:last, 9223372036854775807)
    AND NOT deleted ORDER BY seq LIMIT :limit
""")  # noqa: S608  # only our own constants are put in

_OF_AUTHOR = sa.text("""
    SELECT seq FROM message WHERE channel_id = :channel AND author_id = :id AND NOT deleted
""")

_PEOPLE = sa.text("""
    SELECT author_id, max(author_name) AS name, count(*) AS said FROM message
    WHERE channel_id = :channel AND NOT nellie AND NOT deleted AND author_id IN (
        SELECT author_id FROM message
        WHERE channel_id = :channel AND NOT nellie AND NOT deleted
        AND (author_id = :name OR lower(author_name) = lower(:name)))
    GROUP BY author_id ORDER BY said DESC, author_id
""")

# From one to the next along the index: a look-up for each, however much they said.
_AUTHORS = sa.text("""
    WITH RECURSIVE author AS (
        (SELECT author_id, author_name, nellie FROM message
         WHERE channel_id = :channel AND author_id > ''
         ORDER BY author_id DESC, seq DESC LIMIT 1)
        UNION ALL
        SELECT another.* FROM author CROSS JOIN LATERAL (
            SELECT author_id, author_name, nellie FROM message
            WHERE channel_id = :channel AND author_id > '' AND author_id < author.author_id
            ORDER BY author_id DESC, seq DESC LIMIT 1
        ) another
    ) SELECT author_id, author_name, nellie FROM author LIMIT :limit
""")

_LAST_OF = sa.text("""
    SELECT max(seq) FROM message
    WHERE channel_id = :channel AND author_id = :id AND seq < :before AND NOT deleted
""")

_COUNT = sa.text("SELECT count(*) FROM message WHERE channel_id = :channel AND NOT deleted")

_FIND = sa.text(f"""
    SELECT {SAID} FROM message m
    WHERE channel_id = :channel AND external_id = :id AND NOT deleted
""")  # noqa: S608  # only our own constants are put in

_FIRST = sa.text(f"""
    SELECT {SAID} FROM message m
    WHERE channel_id = :channel AND NOT deleted ORDER BY said_at, seq LIMIT 1
""")  # noqa: S608  # only our own constants are put in

_EVERY = sa.text("SELECT seq FROM message WHERE channel_id = :channel AND NOT deleted")

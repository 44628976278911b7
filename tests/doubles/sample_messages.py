"""What people say in the tests of the store, and a look at the rows that it leaves."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Author, Channel, Message, Turn
from bot.prompting.message_line import count_line_tokens
from bot.store.database import Database
from bot.store.message_inserts import NewMessage

ROOM = Channel("fake", "home", "C1", "room")
ANA = Author("U1", "Ana")
BOB = Author("U2", "Bob")
NELLIE = Author("nellie", "Nellie", nellie=True)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sample_message(
    id: str, text: str = "", author: Author = ANA, *, room: Channel = ROOM, **more: Any
) -> Message:
    """A message with its cost, said at noon and its number of minutes, if it has one."""
    minutes = int("".join(filter(str.isdecimal, id)) or 0)
    at = more.pop("at", NOON + timedelta(minutes=minutes))
    message = Message(room, id, author, text or f"this is {id}", at, **more)
    return replace(message, tokens=count_line_tokens(message))


def sample_new_message(id: str, text: str = "", author: Author = ANA, **more: Any) -> NewMessage:
    """The same, as it is stored."""
    return NewMessage(sample_message(id, text, author, **more))


def sample_answer(turn: Turn, *rests_on: int) -> NewMessage:
    """What Nellie answers to a turn."""
    message = sample_message(
        f"answer-{turn.id}",
        f"to {turn.trigger.id}",
        NELLIE,
        room=turn.channel,
        thread=turn.trigger.thread,
        reply_to=turn.trigger.id,
    )
    return NewMessage(message, (turn.trigger.seq, *rests_on))


def ids(found: Sequence[Message]) -> list[str]:
    """What the platform calls these messages."""
    return [message.id for message in found]


async def run(database: Database, *statements: str) -> None:
    """Run statements, together or not at all."""
    async with database.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def value(database: Database, query: str) -> object:
    """The one value that a query finds."""
    async with database.autocommit() as connection:
        return await connection.scalar(sa.text(query))


async def rows(database: Database, sql: str, **values: object) -> list[Any]:
    """What a statement finds; of a single column, the values alone."""
    async with database.begin() as connection:
        found = await connection.execute(sa.text(sql), values)
        if not found.returns_rows:
            return []
        return [row[0] if len(row) == 1 else tuple(row) for row in found]


async def patient_rows(database: Database, sql: str, **values: object) -> list[Any]:
    """The same, as soon as Postgres gives them."""
    while True:
        try:
            return await rows(database, sql, **values)
        except DatabaseUnavailable:
            await asyncio.sleep(0.1)


async def wait_until_blocked(database: Database, count: int = 1) -> None:
    """Return once so many sessions wait for locks that others hold."""
    async with asyncio.timeout(20):
        while len(await rows(database, _BLOCKED)) < count:  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0)


async def find_contradictions(database: Database) -> list[Any]:
    """Rows that may never be so, whatever happens at the same time."""
    return await patient_rows(database, _CONTRADICTIONS)


_BLOCKED = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

_CONTRADICTIONS = """
    SELECT 'window tokens of channel ' || id || ': ' || window_tokens || ', not ' || right_sum
    FROM (SELECT c.id, c.window_tokens,
                 (SELECT coalesce(sum(tokens), 0) FROM message m WHERE m.channel_id = c.id
                  AND (m.said_at, m.seq) > (c.window_after, c.window_after_seq)) AS right_sum
          FROM channel c) sums WHERE window_tokens <> right_sum
    UNION ALL
    SELECT 'late tokens of channel ' || id || ': ' || late_tokens || ', not ' || right_sum
    FROM (SELECT c.id, c.late_tokens,
                 (SELECT coalesce(sum(tokens), 0) FROM message m
                  WHERE m.channel_id = c.id AND m.late) AS right_sum
          FROM channel c) sums WHERE late_tokens <> right_sum
    UNION ALL
    SELECT 'message ' || m.seq || ' is late, and in the window or forgotten'
    FROM message m JOIN channel c ON c.id = m.channel_id
    WHERE m.late AND (m.deleted
                      OR (m.said_at, m.seq) > (c.window_after, c.window_after_seq))
    UNION ALL
    SELECT 'numbers of channel ' || c.id FROM channel c
    WHERE c.seq <> (SELECT count(*) FROM message m WHERE m.channel_id = c.id)
       OR c.seq <> (SELECT coalesce(max(m.seq), 0) FROM message m WHERE m.channel_id = c.id)
    UNION ALL
    SELECT 'turn ' || t.id || ' is ' || t.state || ' in the idle lane ' || t.lane
    FROM turn t LEFT JOIN lane l USING (channel_id, lane)
    WHERE t.state IN ('waiting', 'running') AND l.owner IS NULL
    UNION ALL
    SELECT 'lane ' || lane || ' has two running turns' FROM turn WHERE state = 'running'
    GROUP BY channel_id, lane HAVING count(*) > 1
    UNION ALL
    SELECT 'forgotten message ' || seq || ' has words' FROM message
    WHERE deleted AND (text <> '' OR author_id <> '' OR author_name <> '' OR tokens <> 0
                       OR mentions <> '{}')
    UNION ALL
    SELECT 'forgotten message ' || p.seq || ' is indexed'
    FROM posting p JOIN message m USING (channel_id, seq) WHERE m.deleted
    UNION ALL
    SELECT 'turn ' || t.id || ' is ' || t.state || ' but has ' || count(m.seq) || ' answers'
    FROM turn t JOIN message q ON q.channel_id = t.channel_id AND q.seq = t.trigger_seq
    LEFT JOIN message m ON m.channel_id = t.channel_id AND m.external_id = 'answer-' || t.id
         AND NOT m.deleted
    GROUP BY t.id, t.state HAVING count(m.seq) > CASE t.state WHEN 'done' THEN 1 ELSE 0 END
"""

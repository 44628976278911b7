"""Channels full of messages, made in bulk as `nellie.inbox.receive` would have stored them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.sample_messages import make_messages
from bot.config.settings import Settings, load
from bot.domain.model import Channel, Message
from bot.language.indexing import to_postings
from bot.prompting.message_line import count_line_tokens
from bot.store import open_database
from bot.store.database import Database
from bot.testing.postgres import temporary_folder

CHUNK = 50_000  # messages made by one statement
SAMPLES = 40_000  # different messages, of which a channel's are drawn
GAP = timedelta(minutes=2)  # between two of them
# A window that is never less than full by the default settings: it goes to and fro between these.
FULL = {"window_low": 8_000, "window_high": 16_000}


@asynccontextmanager
async def temporary(**overrides: object) -> AsyncIterator[tuple[Settings, Database]]:
    """Settings, and the embedded Postgres as it comes: durable, in a folder thrown away.

    Reached as a server's is: on a laptop, answers share one connection (benchmarks.laptop).
    """
    with temporary_folder("nellie-bench-") as folder:
        home = folder / "home"
        async with open_database.own_postgres(home) as url:
            settings = load(home=home, DATABASE_URL=url, **overrides)
            async with open_database.migrated_database(settings, for_long=True) as database:
                yield settings, database


async def fill(
    database: Database,
    sizes: Mapping[Channel, int],
    *,
    samples: int = SAMPLES,
    over: timedelta | None = None,
) -> None:
    """Fill new channels with that many messages, each with a full window.

    They were said `over` so long a time, up to now; else one every two minutes.
    """
    async with database.begin() as connection:
        # Making the sample takes longer than a transaction of Nellie's may stand still.
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await _copy_sample(connection, make_messages(samples))
        for channel, size in sizes.items():
            gap = over / size if over else GAP
            await _fill_channel(connection, channel, size, samples, gap)
    async with database.autocommit() as connection:
        for upkeep in ("VACUUM ANALYZE", "CHECKPOINT"):  # in daily life they come by themselves
            await connection.execute(sa.text(upkeep))


async def _fill_channel(
    connection: AsyncConnection, new: Channel, size: int, samples: int, gap: timedelta
) -> None:
    names = {"platform": new.platform, "workspace": new.workspace, "id": new.id}
    name = new.name or new.id
    channel = await connection.scalar(_CHANNEL, {**names, "name": name, "size": size})
    for first in range(1, size + 1, CHUNK):  # no statement outlasts its time limit
        key = {"channel": channel, "samples": samples}
        last = min(first + CHUNK - 1, size)
        await connection.execute(_DRAW, {**key, "first": first, "last": last})
        await connection.execute(_MESSAGES, {"channel": channel, "size": size, "gap": gap})
        await connection.execute(_POSTINGS, {"channel": channel})
        await connection.execute(_DRAW_ANEW)
    window = FULL["window_low"]
    await connection.execute(_WINDOW, {"channel": channel, "size": size, "window": window})
    await connection.execute(_DIGEST, {"channel": channel})


async def _copy_sample(connection: AsyncConnection, messages: list[Message]) -> None:
    """Copy messages and their index into tables of this transaction."""
    for table in (_SAMPLE, _SAMPLE_TERM, _DRAWN):
        await connection.execute(table)
    rows, terms = [], []
    for number, message in enumerate(messages):
        index: dict[str, Any] = to_postings(f"{message.author.name} {message.text}")
        tokens = count_line_tokens(message)
        rows.append((number, message.author.name, message.text, tokens, index["length"]))
        terms += [(number, term, count) for term, count in index["terms"].items()]
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.copy_records_to_table("sample", records=rows)
    await raw.copy_records_to_table("sample_term", records=terms)


_SAMPLE = sa.text("""
    CREATE TEMP TABLE sample
        (number int PRIMARY KEY, author text, text text, tokens int, length smallint)
    ON COMMIT DROP
""")

_SAMPLE_TERM = sa.text("""
    CREATE TEMP TABLE sample_term (number int, term text, count smallint) ON COMMIT DROP
""")

_DRAWN = sa.text("CREATE TEMP TABLE drawn (seq int, number int) ON COMMIT DROP")

_CHANNEL = sa.text("""
    INSERT INTO channel (platform, workspace, external_id, name, direct, introduced, seq, last_at)
    VALUES (:platform, :workspace, :id, :name, false, true, :size, now()) RETURNING id
""")

_DRAW = sa.text("""
    INSERT INTO drawn
    SELECT seq, abs(hashint8extended(seq, CAST(:channel AS bigint)) % CAST(:samples AS int))
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) seq
""")

_DRAW_ANEW = sa.text("TRUNCATE drawn")

_MESSAGES = sa.text("""
    INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, text,
                         said_at, thread, reply_to, link, addressed, tokens)
    SELECT :channel, seq, 'old' || seq, author, author, false, text,
           now() - (CAST(:size AS int) - seq) * CAST(:gap AS interval), '', '', '', false, tokens
    FROM drawn JOIN sample USING (number) ORDER BY seq
""")

_POSTINGS = sa.text("""
    INSERT INTO posting (channel_id, term, seq, count, length)
    SELECT :channel, term, seq, count, length
    FROM drawn JOIN sample USING (number) JOIN sample_term USING (number) ORDER BY seq
""")

_WINDOW = sa.text("""
    WITH kept AS (
        SELECT seq, sum(tokens) OVER (ORDER BY seq DESC) AS tokens FROM message
        WHERE channel_id = :channel AND seq > :size - 5000
    )
    UPDATE channel SET watermark = first - 1, window_watermark = first - 1, window_tokens = total,
        window_after = (SELECT said_at FROM message
                        WHERE channel_id = :channel AND seq = first - 1),
        window_after_seq = first - 1
    FROM (SELECT min(seq) AS first, max(tokens) AS total FROM kept WHERE tokens <= :window) w
    WHERE id = :channel
""")

_DIGEST = sa.text("""
    INSERT INTO digest (channel_id, text, first_seq, last_seq)
    SELECT :channel, string_agg('- ' || text, E'\\n'), 1, 60 FROM sample WHERE number < 60
""")

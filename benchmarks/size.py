"""How many bytes of Postgres a message takes, and an answer: what a disk must hold."""

import asyncio
import json
import sys
from collections.abc import Sequence

import sqlalchemy as sa

from benchmarks.bench_platform import serving
from benchmarks.load import InstantModel, LanePlatform, ask_in_lanes
from benchmarks.sample_channels import FULL, fill, temporary
from bot.domain.model import Channel
from bot.store.database import Database

CHANNELS, MESSAGES = 10, 20_000
QUESTIONS = 20  # in each of a channel's threads
MESSAGE_TABLES = ("message", "posting")
ANSWER_TABLES = ("turn", "usage", "lane")


async def run(channels: int, messages: int) -> dict[str, float]:
    """All figures, in bytes."""
    names = [Channel("bench", "", f"channel {number}") for number in range(channels)]
    async with temporary(**FULL) as (settings, database):
        empty = await measure_tables(database, MESSAGE_TABLES)
        await fill(database, dict.fromkeys(names, messages))
        full = await measure_tables(database, MESSAGE_TABLES)
        before = await measure_tables(database, ANSWER_TABLES)
        model, platform = InstantModel(), LanePlatform()
        async with serving(settings, database, model, platform) as nellie:
            await ask_in_lanes(nellie, platform, names, range(QUESTIONS))
        after = await measure_tables(database, ANSWER_TABLES)
        async with database.autocommit() as connection:
            length = await connection.scalar(_TEXT_LENGTH)
            whole = await connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
    total = channels * messages
    parts = {name: round((full[name] - empty[name]) / total) for name in MESSAGE_TABLES}
    answers = sum(after[name] - before[name] for name in ANSWER_TABLES)
    print(f"{total:,} messages of {length:.0f} bytes; {model.calls:,} answers")
    return {
        "text": round(length),
        "per_message": sum(parts.values()),
        **{f"in_{name}": size for name, size in parts.items()},
        "per_answer": round(answers / model.calls),
        "database_mb": round(whole / 2**20),
    }


async def measure_tables(database: Database, tables: Sequence[str]) -> dict[str, int]:
    """The bytes of tables, with their indexes."""
    async with database.autocommit() as connection:
        return {
            name: await connection.scalar(
                sa.text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": name}
            )
            for name in tables
        }


_TEXT_LENGTH = sa.text("""
    SELECT avg(octet_length(text)) FROM message WHERE external_id ~ '^old'
""")

if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(2, 1_000) if quick else run(CHANNELS, MESSAGES))))

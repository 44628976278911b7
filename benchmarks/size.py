"""How many bytes of Postgres a message takes, and an answer: what a disk must hold."""

import asyncio
import json
import sys
from collections.abc import Sequence

import sqlalchemy as sa

from benchmarks.channels import FULL, fill, temporary
from benchmarks.load import Instant, Platform, talk
from bot.conversation import Channel
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.store.database import Database

CHANNELS, MESSAGES = 10, 20_000
ASKED = 20  # questions in each of a channel's threads
SPOKEN = ("message", "posting")
ANSWERED = ("turn", "usage", "lane")


async def run(channels: int, messages: int) -> dict[str, float]:
    """All figures, in bytes."""
    places = [Channel("bench", "", f"channel {number}") for number in range(channels)]
    async with temporary(**FULL) as (settings, database):
        empty = await sizes(database, SPOKEN)
        await fill(database, dict.fromkeys(places, messages))
        full = await sizes(database, SPOKEN)
        before = await sizes(database, ANSWERED)
        model, platform = Instant(), Platform()
        models = Models(settings, loader=lambda names, settings: Fallback([model], settings))
        async with Engine(settings, database, models, [platform]) as engine:
            await talk(engine, platform, places, range(ASKED))
        after = await sizes(database, ANSWERED)
        async with database.single() as connection:
            read = sa.text("SELECT avg(octet_length(text)) FROM message WHERE external_id ~ '^old'")
            length = await connection.scalar(read)
            whole = await connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
    parts = {name: round((full[name] - empty[name]) / (channels * messages)) for name in SPOKEN}
    print(f"{channels * messages:,} messages of {length:.0f} bytes; {model.calls:,} answers")
    return {
        "text": round(length),
        "per_message": sum(parts.values()),
        **{f"in_{name}": size for name, size in parts.items()},
        "per_answer": round(sum(after[name] - before[name] for name in ANSWERED) / model.calls),
        "database_mb": round(whole / 2**20),
    }


async def sizes(database: Database, tables: Sequence[str]) -> dict[str, int]:
    """What tables take, with their indexes."""
    async with database.single() as connection:
        return {
            name: await connection.scalar(
                sa.text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": name}
            )
            for name in tables
        }


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(2, 1_000) if quick else run(CHANNELS, MESSAGES))))

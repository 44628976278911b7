"""python -m benchmarks.training_data [--turns N]: how long a dataset takes, and how much memory.

A database is filled in bulk with channels whose questions are answered, rated, corrected and
cited; filling it is no part of the time. The last line is JSON.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from benchmarks.sample_channels import temporary
from benchmarks.sample_messages import make_messages
from bot.cli.collector import spare_while_loading
from bot.config.settings import Settings
from bot.datasets.exporting import Exporter, Wanted
from bot.datasets.scrubbing import Scrubber
from bot.datasets.splits import Shares
from bot.datasets.writing import write_folder
from bot.prompting.budget import Budget
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.training_turns import TrainingTurns

TURNS = 100_000
CHANNELS = 40
SAMPLES = 40_000  # different texts
TOKENS = 4_096  # of an example, as `nellie dataset` has it
SETTLED = 5_000  # turns after which memory is measured for the first time
PAGE = 4096  # bytes

_CHANNELS = sa.text("""
    INSERT INTO channel (platform, workspace, external_id, name, direct, seq)
    SELECT 'slack', 'T1', 'C' || n, 'room-' || n, false, :messages
    FROM generate_series(1, CAST(:channels AS int)) n RETURNING id
""")
_SAMPLE = sa.text("CREATE TEMP TABLE sample (place bigint PRIMARY KEY, text text) ON COMMIT DROP")
_COPY = sa.text("""
    INSERT INTO sample SELECT place - 1, text
    FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS one(text, place)
""")
# Each question is the third of four messages, and its answer the fourth. Said by twelve people.
_MESSAGES = sa.text("""
    INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, bot, text,
                         said_at, thread, reply_to, link, mentions, tokens, addressed, rests_on,
                         shown_from)
    SELECT c.id, n, 'm' || n,
           CASE WHEN n % 4 = 0 THEN 'nellie' ELSE 'U0' || (n + c.id) % 12 || 'X7' END,
           CASE WHEN n % 4 = 0 THEN 'Nellie'
                ELSE (CAST(:people AS text[]))[1 + (n + c.id) % 12] END,
           n % 4 = 0, false,
           one.text || ' ' || other.text
           || CASE n % 40 WHEN 1 THEN ' mail me at ' || n || '@example.com'
                          WHEN 2 THEN ' or ask ' || (CAST(:people AS text[]))[1 + n % 12]
                          ELSE '' END,
           timestamptz '2026-01-01' + n * interval '4 minutes', '', '', '', '{}', 30, n % 4 = 3,
           CASE WHEN n % 4 = 0 THEN ARRAY[n - 1, greatest(1, n / 2), greatest(1, n / 3)] END,
           CASE WHEN n % 4 = 0 THEN greatest(1, n - 40) END
    FROM channel c CROSS JOIN generate_series(1, CAST(:messages AS int)) n
    JOIN sample one ON one.place = (n * 7919 + c.id * 104729) % :samples
    JOIN sample other ON other.place = (n * 31 + c.id * 1299709) % (:samples - 7)
    WHERE c.id = :channel
""")
_TURNS = sa.text("""
    INSERT INTO turn (channel_id, lane, trigger_seq, asker_id, asker_name, state, attempts, posted,
                      created_at, finished_at)
    SELECT channel_id, '', seq, author_id, author_name, 'done', 1, ARRAY['m' || seq + 1],
           said_at, said_at FROM message WHERE seq % 4 = 3
""")
_RATINGS = sa.text("""
    INSERT INTO rating (channel_id, turn_id, author_id, good, at)
    SELECT channel_id, id, asker_id, id % 10 > 0, finished_at FROM turn
""")
_USAGE = sa.text("""
    INSERT INTO usage (channel_id, at, purpose, turn_id, model, input, output, attempt, estimated)
    SELECT channel_id, finished_at, 'answer', id, 'openai/large', 4000, 80, 1, false FROM turn
""")
# What corrects a bad answer replies to it.
_CORRECTIONS = sa.text("""
    UPDATE message m SET reply_to = 'm' || m.seq - 1 FROM turn t
    WHERE t.channel_id = m.channel_id AND m.seq = t.trigger_seq + 2 AND t.id % 10 = 0
""")
PEOPLE = (
    "Ana Vermeulen", "Bob Quillfeather", "Иван Петров", "Will", "zoe_k", "Seán O'Brien",
    "Mona Lindqvist", "Tarek", "李雷", "Dev Team", "Priya Raman", "Jo",
)  # fmt: skip


async def fill(database: Database, turns: int) -> None:
    """Fill an empty database with so many rated turns."""
    texts = [one.text for one in make_messages(SAMPLES)]
    messages = turns * 4 // CHANNELS
    async with database.begin() as connection:
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        made = await connection.execute(_CHANNELS, {"messages": messages, "channels": CHANNELS})
        await connection.execute(_SAMPLE)
        await connection.execute(_COPY, {"texts": texts})
        values = {"messages": messages, "people": list(PEOPLE), "samples": SAMPLES}
        for channel in made.scalars().all():  # no statement outlasts its time limit
            await connection.execute(_MESSAGES, {**values, "channel": channel})
        for statement in (_TURNS, _RATINGS, _USAGE, _CORRECTIONS):
            await connection.execute(statement)
    async with database.autocommit() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE"))


class Watched:
    """Memory of this process while it goes on."""

    def __init__(self) -> None:
        self.settled = self.most = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        """Look at it."""
        now = resident()
        self.most = max(self.most, now)
        if done <= SETTLED:
            self.settled = max(self.settled, now)


def resident() -> float:
    """Megabytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


async def measure(settings: Settings, database: Database, folder: Path) -> dict[str, Any]:
    """One dataset of all that is there."""
    budget = Budget.fit(
        high=settings.window_high,
        low=settings.window_low,
        recall=settings.recall,
        answer=settings.max_answer,
    )
    wanted = Wanted(
        trainer="openai",
        channels=await Channels(database).all(),
        since=None,
        until=None,
        rated="all",
        cited=False,
        pairs=True,
        shares=Shares(),
        persona=settings.persona,
        budget=budget.scale(TOKENS * 3 / 4 / budget.total),
        tokens=TOKENS,
        keep_names=False,
        key=b"of a benchmark" * 3,
    )
    began, used, watched = time.monotonic(), time.process_time(), Watched()
    scrubber = Scrubber()
    before = resident()
    with write_folder(folder / "data", replace=False) as written:
        exported = await Exporter(TrainingTurns(database), wanted, scrubber).write(written, watched)
        written.finish({})
    seconds = time.monotonic() - began
    return {
        "seconds": round(seconds, 1),
        "seconds_of_cpu": round(time.process_time() - used, 1),
        "examples": exported.examples.total(),
        "pairs": exported.pairs.total(),
        "left_out": dict(exported.left_out),
        "gigabytes": round(sum(one.stat().st_size for one in (folder / "data").iterdir()) / 1e9, 2),
        "rss_before_mb": round(before),
        "rss_after_5000_turns_mb": round(watched.settled),
        "rss_most_mb": round(watched.most),
    }


async def main(turns: int) -> None:
    """Print the figures."""
    async with temporary() as (settings, database):
        began = time.monotonic()
        await fill(database, turns)
        print(f"filled {turns:,} turns in {time.monotonic() - began:.0f} s")
        with TemporaryDirectory() as folder:
            print(json.dumps({"turns": turns} | await measure(settings, database, Path(folder))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    spare_while_loading()  # as `nellie` does
    asyncio.run(main(parser.parse_args().turns))

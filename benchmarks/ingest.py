"""How fast history comes in, as `nellie import` brings it into a large channel."""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.sample_channels import FULL, fill, temporary
from benchmarks.sample_messages import make_messages
from benchmarks.size import measure_tables
from bot.archives.jsonl import JSONL, to_json_line
from bot.bootstrap import started
from bot.core.archive_import import import_archive
from bot.domain.model import Channel
from bot.llm.registry import ModelRegistry

CHANNEL, IMPORTED = 1_000_000, 20_000  # messages that are there, and that are imported


async def run(existing: int, imported: int) -> dict[str, float]:
    """All figures."""
    channel = Channel("bench", "", f"of {existing}")
    async with temporary(**FULL) as (settings, database):
        await fill(database, {channel: existing})
        models = ModelRegistry(settings)
        with tempfile.TemporaryDirectory(prefix="nellie-bench-") as folder:
            path = Path(folder) / "history.jsonl"
            lines = (
                to_json_line(replace(message, id=f"new{number}")) + "\n"
                for number, message in enumerate(make_messages(imported))
            )
            path.write_text("".join(lines), encoding="utf-8")
            async with started(settings, database, models) as nellie:
                began = time.monotonic()
                done = await import_archive(
                    nellie,
                    JSONL(),
                    path,
                    channel,
                    progress=lambda done, total: None,
                    complain=lambda bad: None,
                )
                took = time.monotonic() - began
        await models.close()
        index = (await measure_tables(database, ["posting"]))["posting"]
    print(f"into a channel of {existing:,} messages: {done}, in {took:.1f} s")
    return {
        "messages_per_s": round(done.new / took),
        "index_bytes_per_message": round(index / (existing + done.new)),
    }


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(1_000, 1_000) if quick else run(CHANNEL, IMPORTED))))

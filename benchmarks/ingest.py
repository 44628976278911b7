"""How fast history comes in, as `nellie import` brings it into a large channel."""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.channels import FULL, fill, spoken, temporary
from benchmarks.size import sizes
from bot.archive import JSONL, line
from bot.conversation import Channel
from bot.engine import Engine
from bot.history import bring_in
from bot.llm.models import Models

CHANNEL, IMPORTED = 1_000_000, 20_000  # messages that are there, and that come


async def run(there: int, come: int) -> dict[str, float]:
    """All figures."""
    channel = Channel("bench", "", f"of {there}")
    async with temporary(**FULL) as (settings, database):
        await fill(database, {channel: there})
        models = Models(settings)
        with tempfile.TemporaryDirectory(prefix="nellie-bench-") as folder:
            path = Path(folder) / "history.jsonl"
            lines = (
                line(replace(said, id=f"new{number}")) + "\n"
                for number, said in enumerate(spoken(come))
            )
            path.write_text("".join(lines), encoding="utf-8")
            async with Engine(settings, database, models) as engine:
                began = time.monotonic()
                done = await bring_in(
                    engine, JSONL(), path, channel,
                    progress=lambda done, total: None, complain=lambda bad: None,
                )  # fmt: skip
                took = time.monotonic() - began
        await models.close()
        index = (await sizes(database, ["posting"]))["posting"]
    print(f"into a channel of {there:,} messages: {done}, in {took:.1f} s")
    return {
        "messages_per_s": round(done.new / took),
        "index_bytes_per_message": round(index / (there + done.new)),
    }


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(1_000, 1_000) if quick else run(CHANNEL, IMPORTED))))

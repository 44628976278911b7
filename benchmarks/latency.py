"""How long a question waits for the model: `nellie.inbox.receive` to the first byte of the request.

And how long recall takes in a large channel, by words alone and with the semantic index, beside one
round trip to the same Postgres.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median, quantiles

from benchmarks.bench_platform import BenchPlatform
from benchmarks.sample_channels import FULL, fill, temporary
from benchmarks.sample_messages import QUESTIONS
from benchmarks.sample_vectors import make_semantic_index
from benchmarks.timestamp_server import timestamp_server
from bot.bootstrap import Nellie, started
from bot.cli.collector import spare_what_is_loaded
from bot.cli.socket_reads import make_less_room
from bot.domain.model import Author, Channel, Message
from bot.llm.registry import ModelRegistry

SIZES, SAMPLES = (1_000, 100_000, 1_000_000), 400
QUICK_SIZES, QUICK_SAMPLES = (500, 2_000, 5_000), 50
WARM_UP = 30


async def run(sizes: Sequence[int], samples: int) -> dict[str, float]:
    """All figures, in milliseconds."""
    channels = {Channel("bench", "", f"of {size}"): size for size in sizes}
    with timestamp_server() as timestamps:
        server = {
            "OPENAI_BASE_URL": timestamps.url,
            "OPENAI_API_KEY": None,
            "model": "openai/timestamp",
        }
        options = {**server, **FULL, "recall": 0, "context_window": 64_000}
        async with temporary(**options) as (settings, database):
            began = time.monotonic()
            await fill(database, channels)
            print(f"filled {sum(sizes):,} messages in {time.monotonic() - began:.0f} s")
            platform, models = BenchPlatform(), ModelRegistry(settings)
            async with started(settings, database, models, [platform]) as nellie:
                make_less_room()  # as `nellie run` does
                spare_what_is_loaded()
                recalls = await _measure_recall(nellie, list(channels)[1], sizes[1], samples)
                waits = await _measure_waits(nellie, platform, list(channels), samples)
            await models.close()
    for size, times in zip(sizes, waits, strict=True):
        print(f"{size:>9,} messages: {_format(times)}")
    for name, times in recalls.items():
        print(f"{name} in {sizes[1]:,}: {_format(times)}")
    round_trip = median(recalls["round trip"])
    return {
        "messages": sizes[1],
        "p50_ms": round(median(waits[1]), 2),
        "p99_ms": round(_percentile(waits[1], 99), 2),
        "p50_ratio_1m_to_1k": round(median(waits[2]) / median(waits[0]), 2),
        "recall_p50_ms": round(median(recalls["recall"]), 2),
        "recall_p95_ms": round(_percentile(recalls["recall"], 95), 2),
        "hybrid_p50_ms": round(median(recalls["hybrid recall"]), 2),
        "hybrid_p95_ms": round(_percentile(recalls["hybrid recall"], 95), 2),
        "round_trip_ms": round(round_trip, 3),
        "recall_p95_round_trips": round(_percentile(recalls["recall"], 95) / round_trip),
        "hybrid_p95_round_trips": round(_percentile(recalls["hybrid recall"], 95) / round_trip),
    }


async def _measure_waits(
    nellie: Nellie, platform: BenchPlatform, channels: Sequence[Channel], samples: int
) -> list[list[float]]:
    """For each channel, its waits. They are asked in turn, so that all see the same machine."""
    waits: list[list[float]] = [[] for _ in channels]
    for number in range(WARM_UP + samples):
        for channel, times in zip(channels, waits, strict=True):
            message = _question(channel, number)
            began = time.monotonic()
            await nellie.inbox.receive(message)
            await nellie.lanes.idle()
            times.append((float(platform.last_answer) - began) * 1000)
    return [times[WARM_UP:] for times in waits]


async def _measure_recall(
    nellie: Nellie, channel: Channel, size: int, samples: int
) -> dict[str, list[float]]:
    """What each way of recall takes, in turn, and one round trip to the same Postgres."""
    channel_id = await nellie.stores.channels.id(channel)
    state = await nellie.stores.channels.state(channel_id)
    index = await make_semantic_index(nellie, channel_id, size, QUESTIONS)
    hybrid = replace(nellie.recall, semantic_index=index)
    ways = {"recall": nellie.recall, "hybrid recall": hybrid}
    answered = 0
    taken: dict[str, list[float]] = {"round trip": [], **{name: [] for name in ways}}
    for number in range(WARM_UP + samples):
        taken["round trip"].append(await _round_trip(nellie))
        for name, recall in ways.items():
            question = replace(_question(channel, number), seq=state.seq + 1)
            began = time.monotonic()
            found = await recall.find(channel_id, question, before=state.watermark + 1)
            taken[name].append((time.monotonic() - began) * 1000)
            answered += bool(found)
    assert answered > WARM_UP + samples  # most of the questions, both ways
    return {name: times[WARM_UP:] for name, times in taken.items()}


async def _round_trip(nellie: Nellie) -> float:
    """The driver's own, without SQLAlchemy."""
    async with nellie.database.autocommit() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        began = time.monotonic()
        await raw.fetchval("SELECT 1")
        return (time.monotonic() - began) * 1000


def _question(channel: Channel, number: int) -> Message:
    text = QUESTIONS[number % len(QUESTIONS)]
    asker = Author(f"asker{number % 7}", f"asker{number % 7}")
    return Message(channel, f"q{number}", asker, text, datetime.now(UTC), addressed=True)


def _percentile(times: Sequence[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def _format(times: Sequence[float]) -> str:
    percentiles = (f"p{percent} {_percentile(times, percent):.1f}" for percent in (50, 95, 99))
    return f"{', '.join(percentiles)} ms (n = {len(times)})"


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    figures = run(QUICK_SIZES, QUICK_SAMPLES) if quick else run(SIZES, SAMPLES)
    print(json.dumps(asyncio.run(figures)))

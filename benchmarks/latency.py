"""How long a question waits for the model: `engine.receive` to the first byte of the request.

And how long recall takes in a large channel, by words alone and by meaning too, beside one round
trip to the same Postgres.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median, quantiles

from benchmarks.channels import FULL, QUESTIONS, fill, temporary
from benchmarks.stopwatch import stopwatch
from benchmarks.vectors import meaning
from bot.conversation import Author, Channel, Message, Turn
from bot.engine import Engine
from bot.llm.models import Models
from bot.ports import Adapter, Posts

SIZES, SAMPLES = (1_000, 100_000, 1_000_000), 400
QUICK_SIZES, QUICK_SAMPLES = (500, 2_000, 5_000), 50
WARM_UP = 30


class Ear(Adapter):
    """A platform on which everything is delivered at once, and heard."""

    name = "bench"
    heard = ""

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Hear the whole answer."""
        posts.allow()
        self.heard = "".join([piece async for piece in text])
        await posts.add(f"answer{turn.id}")


async def run(sizes: Sequence[int], samples: int) -> dict[str, float]:
    """All figures, in milliseconds."""
    channels = {Channel("bench", "", f"of {size}"): size for size in sizes}
    with stopwatch() as url:
        own = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": None, "model": "openai/stopwatch"}
        async with temporary(**own, **FULL, recall=0, context_window=64_000) as (
            settings,
            database,
        ):
            began = time.monotonic()
            await fill(database, channels)
            print(f"filled {sum(sizes):,} messages in {time.monotonic() - began:.0f} s")
            ear, models = Ear(), Models(settings)
            async with Engine(settings, database, models, [ear]) as engine:
                recalls = await _recalls(engine, list(channels)[1], sizes[1], samples)
                waits = await _waits(engine, ear, list(channels), samples)
            await models.close()
    for size, took in zip(sizes, waits, strict=True):
        print(f"{size:>9,} messages: {_shown(took)}")
    for name, took in recalls.items():
        print(f"{name} in {sizes[1]:,}: {_shown(took)}")
    trip = median(recalls["round trip"])
    return {
        "messages": sizes[1],
        "p50_ms": round(median(waits[1]), 2),
        "p99_ms": round(_percentile(waits[1], 99), 2),
        "p50_ratio_1m_to_1k": round(median(waits[2]) / median(waits[0]), 2),
        "recall_p50_ms": round(median(recalls["recall"]), 2),
        "recall_p95_ms": round(_percentile(recalls["recall"], 95), 2),
        "hybrid_p50_ms": round(median(recalls["hybrid recall"]), 2),
        "hybrid_p95_ms": round(_percentile(recalls["hybrid recall"], 95), 2),
        "round_trip_ms": round(trip, 3),
        "recall_p95_round_trips": round(_percentile(recalls["recall"], 95) / trip),
        "hybrid_p95_round_trips": round(_percentile(recalls["hybrid recall"], 95) / trip),
    }


async def _waits(
    engine: Engine, ear: Ear, channels: Sequence[Channel], samples: int
) -> list[list[float]]:
    """For each channel, its waits. Asked by turns, so that all see the same machine."""
    waits: list[list[float]] = [[] for _ in channels]
    for number in range(WARM_UP + samples):
        for channel, took in zip(channels, waits, strict=True):
            message = _question(channel, number)
            began = time.monotonic()
            await engine.receive(message)
            await engine.lanes.idle()
            took.append((float(ear.heard) - began) * 1000)
    return [took[WARM_UP:] for took in waits]


async def _recalls(
    engine: Engine, channel: Channel, size: int, samples: int
) -> dict[str, list[float]]:
    """What each way of recall takes, by turns, and one round trip to the same Postgres."""
    channel_id = await engine.channels.id(channel)
    state = await engine.channels.state(channel_id)
    hybrid = replace(engine.recall, meaning=await meaning(engine, channel_id, size, QUESTIONS))
    ways = {"recall": engine.recall, "hybrid recall": hybrid}
    answered = 0
    took: dict[str, list[float]] = {"round trip": [], **{name: [] for name in ways}}
    for number in range(WARM_UP + samples):
        took["round trip"].append(await _round_trip(engine))
        for name, recall in ways.items():
            question = replace(_question(channel, number), seq=state.seq + 1)
            began = time.monotonic()
            found = await recall.matching(channel_id, question, before=state.watermark + 1)
            took[name].append((time.monotonic() - began) * 1000)
            answered += bool(found)
    assert answered > WARM_UP + samples  # most of the questions, both ways
    return {name: times[WARM_UP:] for name, times in took.items()}


async def _round_trip(engine: Engine) -> float:
    """The driver's own, without SQLAlchemy."""
    async with engine.database.single() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        began = time.monotonic()
        await raw.fetchval("SELECT 1")
        return (time.monotonic() - began) * 1000


def _question(channel: Channel, number: int) -> Message:
    text = QUESTIONS[number % len(QUESTIONS)]
    asker = Author(f"asker{number % 7}", f"asker{number % 7}")
    return Message(channel, f"q{number}", asker, text, datetime.now(UTC), addressed=True)


def _percentile(took: Sequence[float], percent: int) -> float:
    return quantiles(took, n=100, method="inclusive")[percent - 1]


def _shown(took: Sequence[float]) -> str:
    shown = (f"p{percent} {_percentile(took, percent):.1f}" for percent in (50, 95, 99))
    return f"{', '.join(shown)} ms (n = {len(took)})"


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    figures = run(QUICK_SIZES, QUICK_SAMPLES) if quick else run(SIZES, SAMPLES)
    print(json.dumps(asyncio.run(figures)))

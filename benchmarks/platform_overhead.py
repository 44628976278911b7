"""From the model's last character to what people see on a platform; what `nellie run` weighs."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from adapters.kit.stream_buffer import WORTH_WAITING
from benchmarks.bench_platform import serving
from benchmarks.loopback_platform import CHANNELS, END, LoopbackPlatform, Mention, loopback_platform
from benchmarks.nellie_process import nellie_process, resident
from benchmarks.sample_channels import temporary
from benchmarks.timestamp_server import timestamp_server
from bot.config.plugins import load as plugin
from bot.config.settings import Settings
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.store.database import Database

WORDS, GAP = 50, 0.02  # of the model that streams, and the seconds before each
PAUSE = 1.1  # seconds between rounds: a platform takes about one message a second in a channel
ONES, BURSTS, WARM_UP = 40, 5, 3
QUICK_ONES, QUICK_BURSTS = 5, 1


class TimedModel(Model):
    """Says so many words, with a pause before each, and notes when it said what."""

    name = "timed"

    def __init__(self, words: int = 1, gap: float = 0) -> None:
        self.words, self.gap = words, gap
        self.steps: dict[str, list[tuple[float, int]]] = {}
        """By question: the moments, and how many characters had been said then."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """An answer that ends with END."""
        assert prompt.trigger
        steps = self.steps.setdefault(prompt.trigger.text, [])
        length = 0
        for number in range(1, self.words + 1):
            if self.gap:
                await asyncio.sleep(self.gap)
            word = f"word{number} " if number < self.words else f"the end. {END}"
            length += len(word)
            steps.append((time.monotonic(), length))
            yield Chunk(word)
        yield Chunk("", "stop", Usage(self.name, 100, self.words))


async def run(name: str, ones: int, bursts: int) -> dict[str, float]:
    """All figures, in milliseconds and megabytes."""
    async with temporary() as (settings, database):
        rig = _Rig(name, settings, database)
        instant, slow, streams = TimedModel(), TimedModel(gap=1), TimedModel(WORDS, GAP)
        async with rig.serving(instant) as platform:
            alone = await _rounds(platform, ones, 1, "instant")
            together = await _rounds(platform, bursts, CHANNELS, "instant20")
        async with rig.serving(slow) as platform:
            after_a_second = await _rounds(platform, bursts, CHANNELS, "slow")
        async with rig.serving(streams) as platform:
            streamed = await _rounds(platform, max(1, ones // 4), 1, "streamed")
        with timestamp_server() as server:
            openai = {"NELLIE_MODEL": "openai/timestamp", "OPENAI_BASE_URL": server.url}
            weight = await rig.weigh(openai)
        light = await rig.weigh({"NELLIE_MODEL": "extractive"})
    print(f"{weight:.0f} MB with an OpenAI model, {light:.0f} MB without")
    first, waited = _first_text(streamed, streams)
    ends = median(_overheads(streamed, streams))
    print(f"streamed: whole {ends:.0f} ms after its end, a wait of {waited:.0f} ms apart")
    burst = median(_until_whole(together))
    print(f"20 at once, instant: p50 {burst:.0f} ms after they were said")
    return {
        "mentions": CHANNELS,
        "overhead_p50_ms": round(median(_overheads(alone, instant)), 1),
        "last_of_20_ms": round(median(_until_last(mentions) for mentions in together), 1),
        "one_second_model_p50_ms": round(median(_until_whole(after_a_second)), 1),
        "first_text_overhead_p50_ms": round(first, 1),
        "rss_mb": round(weight, 1),
    }


@dataclass(frozen=True, slots=True)
class _Rig:
    """A platform by name, and the database of all measurements."""

    name: str
    settings: Settings
    database: Database

    @asynccontextmanager
    async def serving(self, model: Model) -> AsyncIterator[LoopbackPlatform]:
        """A fresh platform with a Nellie of this process on it, warm."""
        with loopback_platform(self.name) as platform:
            adapter = plugin("adapter", self.name).configured(platform.environ)
            async with serving(self.settings, self.database, model, adapter) as nellie:
                run = adapter.run(nellie.inbox, nellie.turns, nellie.commands)
                task = asyncio.create_task(run)
                try:
                    await platform.wait_until_connected()
                    await _rounds(platform, WARM_UP, CHANNELS, "warm")
                    await nellie.lanes.idle()
                    yield platform
                finally:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    async def weigh(self, model: dict[str, str]) -> float:
        """Megabytes of a `nellie run` that has answered in 20 channels; Postgres is not in it."""
        with loopback_platform(self.name) as platform:
            return await asyncio.to_thread(_weigh, self.database, platform, model)


async def _rounds(
    platform: LoopbackPlatform, number: int, at_once: int, tag: str
) -> list[list[Mention]]:
    rounds = []
    for round_ in range(number):
        rounds.append(await platform.mention(at_once, f"{tag}{round_}"))
        await asyncio.sleep(PAUSE)
    return rounds


def _all(rounds: Sequence[Sequence[Mention]]) -> list[Mention]:
    return [mention for mentions in rounds for mention in mentions]


def _overheads(rounds: Sequence[Sequence[Mention]], model: TimedModel) -> list[float]:
    """From the model's last character to the whole answer."""
    return [
        (mention.whole - model.steps[mention.question][-1][0]) * 1000 for mention in _all(rounds)
    ]


def _until_whole(rounds: Sequence[Sequence[Mention]]) -> list[float]:
    """From each mention to its whole answer."""
    return [(mention.whole - mention.at) * 1000 for mention in _all(rounds)]


def _until_last(mentions: Sequence[Mention]) -> float:
    """From the first of some mentions to the last of their answers."""
    last = max(mention.whole for mention in mentions)
    return (last - min(mention.at for mention in mentions)) * 1000


def _first_text(rounds: Sequence[Sequence[Mention]], model: TimedModel) -> tuple[float, float]:
    """Overhead of the first text, and the deliberate wait before it, which is not in it.

    The model's words make no sentence before their end: the whole wait is waited.
    """
    overheads, waits = [], []
    for mention in _all(rounds):
        began = model.steps[mention.question][0][0]
        wait = min(WORTH_WAITING, mention.first - began)
        overheads.append((mention.first - began - wait) * 1000)
        waits.append(wait * 1000)
    return median(overheads), median(waits)


def _weigh(database: Database, platform: LoopbackPlatform, model: dict[str, str]) -> float:
    settings = {"OPENAI_API_KEY": "none", **model, "DATABASE_URL": database.url}
    window = {"NELLIE_CONTEXT_WINDOW": "64000"}
    with nellie_process({**platform.environ, **settings, **window}) as pid:
        asyncio.run(_ask(platform))
        return resident(pid)


async def _ask(platform: LoopbackPlatform) -> None:
    await platform.wait_until_connected()
    for number in range(WARM_UP):
        await platform.mention(CHANNELS, f"weight{number}", end="")


def main(name: str) -> None:
    """Measure, and print; the last line is JSON."""
    ones, bursts = (QUICK_ONES, QUICK_BURSTS) if "--quick" in sys.argv else (ONES, BURSTS)
    print(json.dumps(asyncio.run(run(name, ones, bursts))))

"""From the model's last character to people's eyes on a platform, and what `nellie run` weighs."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.channels import temporary
from benchmarks.loopback import END, ROOMS, Loopback, Shown, loopback
from benchmarks.stopwatch import stopwatch
from bot.conversation import Chunk, Prompt, Usage
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.plugins import load as plugin
from bot.ports import Model
from bot.settings import Settings
from bot.store.database import Database

TOKENS, GAP = 50, 0.02  # of the model that streams
PAUSE = 1.1  # seconds between rounds: a platform takes about one message a second in a channel
ONES, BURSTS, WARM_UP = 40, 5, 3
QUICK_ONES, QUICK_BURSTS = 5, 1


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a platform's adapter waits on purpose before it shows the first text."""

    seconds: float
    characters: int
    both: bool
    """Whether both have to be over, or either."""

    def over(self, said: Sequence[tuple[float, int]]) -> float:
        """The seconds of it, for an answer that was said in these steps."""
        began = said[0][0]
        enough = next((at for at, length in said if length >= self.characters), said[-1][0])
        return (max if self.both else min)(self.seconds, enough - began)


class Pianist(Model):
    """Says so many words, with a silence before each, and notes when it said what."""

    name = "pianist"

    def __init__(self, words: int = 1, gap: float = 0) -> None:
        self.words, self.gap = words, gap
        self.said: dict[str, list[tuple[float, int]]] = {}
        """By question: the moments, and how many characters had been said then."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """An answer that ends with END."""
        assert prompt.trigger
        said = self.said.setdefault(prompt.trigger.text, [])
        length = 0
        for number in range(1, self.words + 1):
            if self.gap:
                await asyncio.sleep(self.gap)
            word = f"word{number} " if number < self.words else f"the end. {END}"
            length += len(word)
            said.append((time.monotonic(), length))
            yield Chunk(word)
        yield Chunk("", "stop", Usage(self.name, 100, self.words))


async def run(name: str, patience: Patience, ones: int, bursts: int) -> dict[str, float]:
    """All figures, in milliseconds and megabytes."""
    async with temporary() as (settings, database):
        with loopback(name) as platform:
            async with _serving(settings, database, name, platform, instant := Pianist()):
                alone = await _rounds(platform, ones, 1, "instant")
                together = await _rounds(platform, bursts, ROOMS, "instant20")
        with loopback(name) as platform:
            async with _serving(settings, database, name, platform, Pianist(gap=1)):
                slow = await _rounds(platform, bursts, ROOMS, "slow")
        with loopback(name) as platform:
            streams = Pianist(TOKENS, GAP)
            async with _serving(settings, database, name, platform, streams):
                streamed = await _rounds(platform, max(1, ones // 4), 1, "streamed")
        with loopback(name) as platform, stopwatch() as url:
            openai = {"NELLIE_MODEL": "openai/stopwatch", "OPENAI_BASE_URL": url}
            weight = await asyncio.to_thread(_weigh, database, platform, openai)
        with loopback(name) as platform:
            none = {"NELLIE_MODEL": "extractive"}
            light = await asyncio.to_thread(_weigh, database, platform, none)
    print(f"{weight:.0f} MB with an OpenAI model, {light:.0f} MB without")
    first, waited = _first(streamed, streams, patience)
    ends = [(one.whole - streams.said[one.question][-1][0]) * 1000 for one in _all(streamed)]
    print(f"streamed: whole {median(ends):.0f} ms after its end, a wait of {waited:.0f} ms apart")
    burst = [(one.whole - one.said) * 1000 for one in _all(together)]
    print(f"20 at once, instant: p50 {median(burst):.0f} ms after they were said")
    return {
        "mentions": ROOMS,
        "overhead_p50_ms": round(median(_overheads(alone, instant)), 1),
        "last_of_20_ms": round(median(_last(burst) for burst in together), 1),
        "one_second_model_p50_ms": round(
            median((one.whole - one.said) * 1000 for one in _all(slow)), 1
        ),
        "first_text_overhead_p50_ms": round(first, 1),
        "rss_mb": round(weight, 1),
    }


@asynccontextmanager
async def _serving(
    settings: Settings, database: Database, name: str, platform: Loopback, model: Model
) -> AsyncIterator[None]:
    adapter = plugin("adapter", name).configured(platform.environ)
    models = Models(settings, loader=lambda names, given: Fallback([model], given))
    async with Engine(settings, database, models, [adapter]) as engine:
        running = asyncio.create_task(adapter.run(engine))
        try:
            await platform.connected()
            await _rounds(platform, WARM_UP, ROOMS, "warm")
            await engine.lanes.idle()
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _rounds(platform: Loopback, number: int, at_once: int, tag: str) -> list[list[Shown]]:
    rounds = []
    for one in range(number):
        rounds.append(await platform.mentions(at_once, f"{tag}{one}"))
        await asyncio.sleep(PAUSE)
    return rounds


def _all(rounds: Sequence[Sequence[Shown]]) -> list[Shown]:
    return [one for round in rounds for one in round]


def _overheads(rounds: Sequence[Sequence[Shown]], model: Pianist) -> list[float]:
    return [(one.whole - model.said[one.question][-1][0]) * 1000 for one in _all(rounds)]


def _last(burst: Sequence[Shown]) -> float:
    return (max(one.whole for one in burst) - min(one.said for one in burst)) * 1000


def _first(
    rounds: Sequence[Sequence[Shown]], model: Pianist, patience: Patience
) -> tuple[float, float]:
    """Overhead of the first text, and the deliberate wait before it, which is not in it."""
    overheads, waits = [], []
    for one in _all(rounds):
        said = model.said[one.question]
        began = said[0][0]
        wait = min(patience.over(said), one.first - began)
        overheads.append((one.first - began - wait) * 1000)
        waits.append(wait * 1000)
    return median(overheads), median(waits)


def _weigh(database: Database, platform: Loopback, model: dict[str, str]) -> float:
    """Megabytes of a `nellie run` that has answered in 20 channels; Postgres is not in it."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")},
        **platform.environ,
        "OPENAI_API_KEY": "none",
        **model,
        "DATABASE_URL": database.url,
        "NELLIE_CONTEXT_WINDOW": "64000",
    }
    command = [str(Path(sys.executable).with_name("nellie")), "run"]
    with _running(command, environ) as process:
        asyncio.run(_talk(platform))
        status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def _talk(platform: Loopback) -> None:
    await platform.connected()
    for number in range(WARM_UP):
        await platform.mentions(ROOMS, f"weight{number}", end="")


@contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory() as folder:  # where no .env lies
        process = subprocess.Popen(command, env=environ, cwd=folder)  # noqa: S603  # our own
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def main(name: str, patience: Patience) -> None:
    """Measure, and print; the last line is JSON."""
    ones, bursts = (QUICK_ONES, QUICK_BURSTS) if "--quick" in sys.argv else (ONES, BURSTS)
    print(json.dumps(asyncio.run(run(name, patience, ones, bursts))))

"""From the model's last character to people's eyes in Discord, and what `nellie run` weighs."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.channels import temporary
from benchmarks.harbour import END, ROOMS, Harbour, Shown, harbour
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
WAIT, SHORT = 0.25, 40  # an answer that may yet end at once, or is short, is not shown before
PAUSE = 1.1  # seconds between rounds: Discord takes five messages in five seconds in a channel
ONES, BURSTS, WARM_UP = 40, 5, 3
QUICK_ONES, QUICK_BURSTS = 5, 1


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


async def run(ones: int, bursts: int) -> dict[str, float]:
    """All figures, in milliseconds and megabytes."""
    async with temporary() as (settings, database):
        with harbour() as discord:
            async with _serving(settings, database, discord, instant := Pianist()):
                alone = await _rounds(discord, ones, 1, "instant")
                together = await _rounds(discord, bursts, ROOMS, "instant20")
        with harbour() as discord:
            async with _serving(settings, database, discord, Pianist(gap=1)):
                slow = await _rounds(discord, bursts, ROOMS, "slow")
        with harbour() as discord:
            async with _serving(settings, database, discord, streams := Pianist(TOKENS, GAP)):
                streamed = await _rounds(discord, max(1, ones // 4), 1, "streamed")
        with harbour() as discord, stopwatch() as model:
            weight = await asyncio.to_thread(_weigh, settings, database, discord, model)
    first, waited = _first(streamed, streams)
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
    settings: Settings, database: Database, discord: Harbour, model: Model
) -> AsyncIterator[None]:
    adapter = plugin("adapter", "discord").configured(discord.environ)
    models = Models(settings, loader=lambda names, given: Fallback([model], given))
    async with Engine(settings, database, models, [adapter]) as engine:
        running = asyncio.create_task(adapter.run(engine))
        try:
            await discord.connected()
            await _rounds(discord, WARM_UP, ROOMS, "warm")
            await engine.lanes.idle()
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _rounds(discord: Harbour, number: int, at_once: int, tag: str) -> list[list[Shown]]:
    rounds = []
    for one in range(number):
        rounds.append(await discord.mentions(at_once, f"{tag}{one}"))
        await asyncio.sleep(PAUSE)
    return rounds


def _all(rounds: Sequence[Sequence[Shown]]) -> list[Shown]:
    return [one for round in rounds for one in round]


def _overheads(rounds: Sequence[Sequence[Shown]], model: Pianist) -> list[float]:
    return [(one.whole - model.said[one.question][-1][0]) * 1000 for one in _all(rounds)]


def _last(burst: Sequence[Shown]) -> float:
    return (max(one.whole for one in burst) - min(one.said for one in burst)) * 1000


def _first(rounds: Sequence[Sequence[Shown]], model: Pianist) -> tuple[float, float]:
    """Overhead of the first text, and the deliberate wait before it, which is not in it."""
    overheads, waits = [], []
    for one in _all(rounds):
        said = model.said[one.question]
        began = said[0][0]
        enough = next((at for at, length in said if length >= SHORT), said[-1][0])
        wait = min(max(WAIT, enough - began), one.first - began)
        overheads.append((one.first - began - wait) * 1000)
        waits.append(wait * 1000)
    return median(overheads), median(waits)


def _weigh(settings: Settings, database: Database, discord: Harbour, model: str) -> float:
    """Megabytes of a `nellie run` that has answered in 20 channels; Postgres is not in it."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")},
        **discord.environ,
        "DATABASE_URL": database.url,
        "NELLIE_MODEL": "openai/stopwatch",
        "OPENAI_BASE_URL": model,
        "OPENAI_API_KEY": "none",
        "NELLIE_CONTEXT_WINDOW": "64000",
    }
    command = [str(Path(sys.executable).with_name("nellie")), "run"]
    with _running(command, environ) as process:
        asyncio.run(_talk(discord))
        status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def _talk(discord: Harbour) -> None:
    await discord.connected()
    for number in range(WARM_UP):
        await discord.mentions(ROOMS, f"weight{number}", end="")


@contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory() as folder:  # where no .env lies
        process = subprocess.Popen(command, env=environ, cwd=folder)  # noqa: S603  # our own
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    figures = run(QUICK_ONES, QUICK_BURSTS) if quick else run(ONES, BURSTS)
    print(json.dumps(asyncio.run(figures)))

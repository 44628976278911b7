"""How many whole turns a second: 48 lanes over 12 channels, with a model that answers at once."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import sqlalchemy as sa

from benchmarks.channels import FULL, QUESTIONS, fill, temporary
from bot.conversation import Author, Channel, Chunk, Message, Prompt, Turn, Usage
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.ports import Adapter, Model, Posts

CHANNELS, THREADS, MESSAGES = 12, 4, 5_000
TURNS, WARM_UP = 60, 3  # per lane
HEARD = 40  # messages that are no questions, for each turn of a lane
AHEAD = 3  # questions that a lane asks before the first of them is answered


class Instant(Model):
    """Answers at once, and keeps what it was asked last."""

    name = "instant"
    prompt: Prompt
    calls = recalled = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """A short answer, whole."""
        self.prompt, self.calls = prompt, self.calls + 1
        self.recalled += bool(prompt.recalled)
        yield Chunk("Look into the manual, it is all in there.")
        yield Chunk("", "stop", Usage(self.name, 8_000, 10))


class Platform(Adapter):
    """A platform on which everything is delivered at once."""

    name = "bench"

    def __init__(self) -> None:
        self.answered: dict[str, list[int]] = {}
        self.room: dict[str, asyncio.Semaphore] = {}

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Note what was answered, in its order."""
        posts.allow()
        async for _ in text:
            pass
        await posts.add(f"answer{turn.id}")
        self.answered.setdefault(turn.lane, []).append(int(turn.trigger.id.partition(":")[0]))
        self.room[turn.lane].release()


async def run(turns: int, size: int) -> dict[str, float]:
    """All figures."""
    channels = {Channel("bench", "", f"channel {number}"): size for number in range(CHANNELS)}
    async with temporary(**FULL) as (settings, database):
        await fill(database, channels, samples=2 * size)
        model, platform = Instant(), Platform()
        models = Models(settings, loader=lambda names, settings: Fallback([model], settings))
        async with Engine(settings, database, models, [platform]) as engine:
            await talk(engine, platform, list(channels), range(WARM_UP))
            print(f"warm: {_memory('VmRSS'):.0f} MB")
            began = time.monotonic()
            await talk(engine, platform, list(channels), range(WARM_UP, WARM_UP + turns))
            took = time.monotonic() - began
            heard = await _hear(engine, list(channels), turns * HEARD)
        async with database.single() as connection:
            done = await connection.scalar(sa.text("SELECT count(*) FROM turn WHERE state='done'"))
    lanes = platform.answered.values()
    assert done == model.calls == sum(map(len, lanes)) == len(lanes) * (WARM_UP + turns)
    assert model.recalled  # how many find something depends on the talk: a figure, no premise
    print(f"{done:,} turns, the last with a prompt of {model.prompt.tokens:,} tokens")
    return {
        "turns_per_s": round(len(lanes) * turns / took, 1),
        "messages_per_s": round(heard, 1),
        "lanes": len(lanes),
        "prompts_with_recall": round(model.recalled / model.calls, 2),
        "out_of_order": sum(a > b for answered in lanes for a, b in pairwise(answered)),
        "rss_mb": round(_memory("VmHWM"), 1),
    }


async def talk(engine: Engine, platform: Platform, channels: list[Channel], numbers: range) -> None:
    """Ask these questions in every lane at once, until all are answered and committed."""
    async with asyncio.TaskGroup() as group:
        for channel in channels:
            for thread in range(THREADS):
                group.create_task(
                    _ask(engine, platform, channel, f"{channel.id}/{thread}", numbers)
                )
    await engine.lanes.idle()


async def _ask(
    engine: Engine, platform: Platform, channel: Channel, thread: str, numbers: range
) -> None:
    room = platform.room[f"thread:{thread}"] = asyncio.Semaphore(AHEAD)
    for number in numbers:
        await room.acquire()
        text, asker = QUESTIONS[number % len(QUESTIONS)], Author(thread, f"asker of {thread}")
        await engine.receive(
            Message(channel, f"{number}:{thread}", asker, text, datetime.now(UTC), thread,
                    addressed=True)
        )  # fmt: skip


async def _hear(engine: Engine, channels: list[Channel], count: int) -> float:
    """Messages a second that are remembered and need no answer, all channels at once."""
    people = [Author(str(number), f"person {number}") for number in range(40)]

    async def say(channel: Channel) -> None:
        for number in range(count // len(channels)):
            text, author = QUESTIONS[number % len(QUESTIONS)], people[number % len(people)]
            await engine.receive(
                Message(channel, f"heard {number}", author, text, datetime.now(UTC))
            )

    began = time.monotonic()
    await asyncio.gather(*map(say, channels))
    return count // len(channels) * len(channels) / (time.monotonic() - began)


def _memory(kind: str) -> float:
    """Megabytes of this process (VmRSS now, VmHWM at the peak); Postgres is not in it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{kind}:")[1].split()[0]) / 1024


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(10, 500) if quick else run(TURNS, MESSAGES))))

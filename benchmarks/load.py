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

from benchmarks.bench_platform import BenchPlatform, serving
from benchmarks.sample_channels import FULL, fill, temporary
from benchmarks.sample_messages import QUESTIONS
from bot.bootstrap import Nellie
from bot.domain.model import Author, Channel, Chunk, Message, Prompt, Turn, Usage
from bot.domain.ports import DeliveryLog, Model

CHANNELS, THREADS, MESSAGES = 12, 4, 5_000
TURNS, WARM_UP = 60, 3  # per lane
REMEMBERED = 40  # messages that are no questions, for each turn of a lane
AHEAD = 3  # questions that a lane asks before the first of them is answered


class InstantModel(Model):
    """Answers at once, and keeps what it was asked last: counting tokens is no part of it."""

    name = "instant"
    last_prompt: Prompt
    calls = recalled = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """A short answer, whole."""
        self.calls, self.last_prompt = self.calls + 1, prompt
        self.recalled += bool(prompt.recalled)
        yield Chunk("Look into the manual, it is all in there.")
        yield Chunk("", "stop", Usage(self.name, 8_000, 10))


class LanePlatform(BenchPlatform):
    """Keeps the order of the answers in each lane, and lets the lane ask on."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: dict[str, list[int]] = {}
        """By lane, the numbers of the questions in the order of their answers."""
        self.may_ask: dict[str, asyncio.Semaphore] = {}

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Take the answer, and note it."""
        await super().deliver(turn, text, delivery_log)
        self.answered.setdefault(turn.lane, []).append(int(turn.trigger.id.partition(":")[0]))
        self.may_ask[turn.lane].release()


async def run(turns: int, size: int) -> dict[str, float]:
    """All figures."""
    channels = {Channel("bench", "", f"channel {number}"): size for number in range(CHANNELS)}
    async with temporary(**FULL) as (settings, database):
        await fill(database, channels, samples=2 * size)
        model, platform = InstantModel(), LanePlatform()
        async with serving(settings, database, model, platform) as nellie:
            await ask_in_lanes(nellie, platform, list(channels), range(WARM_UP))
            print(f"warm: {_memory('VmRSS'):.0f} MB")
            began = time.monotonic()
            numbers = range(WARM_UP, WARM_UP + turns)
            await ask_in_lanes(nellie, platform, list(channels), numbers)
            took = time.monotonic() - began
            remembered = await _measure_remembering(nellie, list(channels), turns * REMEMBERED)
        async with database.autocommit() as connection:
            done = await connection.scalar(sa.text("SELECT count(*) FROM turn WHERE state='done'"))
    lanes = platform.answered.values()
    assert done == model.calls == sum(map(len, lanes)) == len(lanes) * (WARM_UP + turns)
    assert model.recalled  # how many find something depends on the talk: a figure, no premise
    print(f"{done:,} turns, the last with a prompt of {model.last_prompt.tokens:,} tokens")
    return {
        "turns_per_s": round(len(lanes) * turns / took, 1),
        "messages_per_s": round(remembered, 1),
        "lanes": len(lanes),
        "prompts_with_recall": round(model.recalled / model.calls, 2),
        "out_of_order": sum(a > b for answered in lanes for a, b in pairwise(answered)),
        "rss_mb": round(_memory("VmHWM"), 1),
    }


async def ask_in_lanes(
    nellie: Nellie, platform: LanePlatform, channels: list[Channel], numbers: range
) -> None:
    """Ask these questions in every lane at once, until all are answered and committed."""
    async with asyncio.TaskGroup() as group:
        for channel in channels:
            for number in range(THREADS):
                thread = f"{channel.id}/{number}"
                group.create_task(_ask(nellie, platform, channel, thread, numbers))
    await nellie.lanes.idle()


async def _ask(
    nellie: Nellie, platform: LanePlatform, channel: Channel, thread: str, numbers: range
) -> None:
    asker = Author(thread, f"asker of {thread}")
    may_ask = platform.may_ask[f"thread:{thread}"] = asyncio.Semaphore(AHEAD)
    for number in numbers:
        await may_ask.acquire()
        id_, text = f"{number}:{thread}", QUESTIONS[number % len(QUESTIONS)]
        now = datetime.now(UTC)
        await nellie.inbox.receive(Message(channel, id_, asker, text, now, thread, addressed=True))


async def _measure_remembering(nellie: Nellie, channels: list[Channel], count: int) -> float:
    """Messages a second that are stored and need no answer, all channels at once."""
    people = [Author(str(number), f"person {number}") for number in range(40)]

    async def say(channel: Channel) -> None:
        for number in range(count // len(channels)):
            text, author = QUESTIONS[number % len(QUESTIONS)], people[number % len(people)]
            await nellie.inbox.receive(
                Message(channel, f"talk {number}", author, text, datetime.now(UTC))
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

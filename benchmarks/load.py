"""How many whole turns a second: 48 lanes over 12 channels, with a model that answers at once.

Beside it, right before and right after, a bare loop that makes the same number of round trips to
Postgres and does nothing else, so that a slow machine is not taken for a slow Nellie.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean

import sqlalchemy as sa

from benchmarks.bare_loop import BareLoop, counting
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
    channels = [Channel("bench", "", f"channel {number}") for number in range(CHANNELS)]
    lanes = len(channels) * THREADS
    model, platform = InstantModel(), LanePlatform()
    async with temporary(**FULL) as (settings, database), AsyncExitStack() as stack:
        await fill(database, dict.fromkeys(channels, size), samples=2 * size)
        with counting(database) as counter:
            nellie = await stack.enter_async_context(serving(settings, database, model, platform))
            before = counter.trips
            await ask_in_lanes(nellie, platform, channels, range(WARM_UP))
            trips = (counter.trips - before) / (lanes * WARM_UP)
        print(f"warm: {_memory('VmRSS'):.0f} MB, {trips:.1f} round trips a turn")
        bare = await stack.enter_async_context(BareLoop.connected(database, round(trips)))
        bare_rates = [await bare.turns_a_second(lanes, turns)]
        began, computed = time.monotonic(), time.process_time()
        await ask_in_lanes(nellie, platform, channels, range(WARM_UP, WARM_UP + turns))
        took, computed = time.monotonic() - began, time.process_time() - computed
        bare_rates.append(await bare.turns_a_second(lanes, turns))
        remembered = await _measure_remembering(nellie, channels, turns * REMEMBERED)
        async with database.autocommit() as connection:
            done = await connection.scalar(sa.text("SELECT count(*) FROM turn WHERE state='done'"))
    answered = platform.answered.values()
    assert done == model.calls == sum(map(len, answered)) == lanes * (WARM_UP + turns)
    assert model.recalled  # how many find something depends on the talk: a figure, no premise
    print(f"{done:,} turns, the last with a prompt of {model.last_prompt.tokens:,} tokens")
    return {
        "turns_per_s": round(lanes * turns / took, 1),
        "bare_loop_per_s": round(mean(bare_rates), 1),
        "of_bare_loop": round(lanes * turns / took / mean(bare_rates), 2),
        "cpu_ms_per_turn": round(computed / (lanes * turns) * 1000, 2),
        "round_trips": round(trips, 1),
        "messages_per_s": round(remembered, 1),
        "lanes": lanes,
        "prompts_with_recall": round(model.recalled / model.calls, 2),
        "out_of_order": sum(a > b for numbers in answered for a, b in pairwise(numbers)),
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


def main() -> None:
    """Print the figures; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look, no measurement")
    quick = parser.parse_args().quick
    print(json.dumps(asyncio.run(run(10, 500) if quick else run(TURNS, MESSAGES))))


if __name__ == "__main__":
    main()

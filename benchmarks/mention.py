"""From the mention to the visible answer, stage by stage, with all that stands between them.

The platform, the model's server and `nellie run` are processes of their own. Beside each figure
stands what one round trip to Postgres took meanwhile, so that a slow machine is not taken for a
slow Nellie.

    python -m benchmarks.mention [slack discord] [--conditions near far one-core slow] [--quick]
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median

import asyncpg

from benchmarks.delaying_proxy import DelayingProxy, far_away
from benchmarks.loopback_platform import CHANNELS, END, LoopbackPlatform, Mention, loopback_platform
from benchmarks.mention_stages import STAGES, Stages, read_stages
from benchmarks.nellie_process import MODEL, nellie_process, resident
from benchmarks.timestamp_server import TimestampServer, timestamp_server
from bot.store import schema
from bot.store.database import Database
from bot.testing.postgres import temporary_postgres

FAR = 0.02  # seconds of a round trip to a database that is far away
SLOW, SLOW_FOR = 0.5, 10.0  # seconds of a round trip to one that is slow, and how long it is
PAUSE = 1.1  # seconds between rounds: a platform takes about one message a second in a channel
REST = PAUSE / 2  # seconds after which a machine has cooled down
MODEL_TAKES = 1.0
Figures = dict[str, float | dict[str, float]]
NOTES_COMMITS = {"track_commit_timestamp": "on"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How often everything is measured."""

    warm_up: int = 3
    rested: int = 20
    running: int = 3  # rounds of one mention in each channel
    bursts: int = 5


QUICK = Counts(warm_up=1, rested=3, running=1, bursts=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way of asking showed, in milliseconds."""

    what: str
    mentions: Sequence[Stages]
    round_trip: float
    last: float | None = None
    """From the first of a burst's mentions to the last of its answers, the median."""

    def figures(self) -> Figures:
        """Medians: of the whole way, and of each of its stages."""
        wholes = sorted(one.whole for one in self.mentions)
        stages = {
            stage: round(median(one.took(stage) for one in self.mentions), 1) for stage in STAGES
        }
        return {
            "p50": round(median(wholes), 1),
            "p95": round(wholes[int(len(wholes) * 0.95)], 1),
            "own": round(median(one.whole - one.model for one in self.mentions), 1),
            "first_text": round(median(one.shown for one in self.mentions), 1),
            **({} if self.last is None else {"last": round(self.last, 1)}),
            "stages": stages,
            "round_trip": round(self.round_trip, 2),
            "in_round_trips": round(median(wholes) / self.round_trip, 1),
        }


@dataclass(frozen=True, slots=True)
class Rig:
    """Nellie on a platform, and what is measured beside her."""

    platform: LoopbackPlatform
    model: TimestampServer
    beside: asyncpg.Connection
    """To Postgres, as far away as it is for Nellie."""
    proxy: DelayingProxy | None
    nellie: int

    async def round_trips(self, number: int) -> list[float]:
        """What so many took, one right after another."""
        took = []
        for _ in range(number):
            began = time.perf_counter()
            await self.beside.fetchval("SELECT 1")
            took.append((time.perf_counter() - began) * 1000)
        return took

    async def stages(self, mentions: Sequence[Mention]) -> list[Stages]:
        """Of mentions that were answered."""
        return await read_stages(self.beside, mentions)

    async def rested(self, count: int) -> Measured:
        """One after another, each after a rest, as most questions come: the machine is cold."""
        mentions, trips = [], []
        for number in range(count):
            mentions += await self.platform.mention(1, f"rested{number}")
            await asyncio.sleep(REST)
            trips += await self.round_trips(1)
            await asyncio.sleep(REST)
        return Measured("one, rested", await self.stages(mentions), median(trips))

    async def running(self, rounds: int) -> Measured:
        """One right after another, each in the next channel: the machine is warm."""
        mentions, trips = [], await self.round_trips(100)
        for number in range(rounds):
            for channel in range(CHANNELS):
                mentions += await self.platform.mention(
                    1, f"running{number}.{channel}", first=channel
                )
            trips += await self.round_trips(100)
            await asyncio.sleep(PAUSE)
        return Measured("one, running", await self.stages(mentions), median(trips))

    async def bursts(self, what: str, rounds: int) -> Measured:
        """In all channels at once."""
        mentions, lasts, trips = [], [], await self.round_trips(100)
        for number in range(rounds):
            await asyncio.sleep(PAUSE)
            burst = await self.platform.mention(CHANNELS, f"{what} {number}")
            lasts.append((max(one.whole for one in burst) - min(one.at for one in burst)) * 1000)
            mentions += burst
            trips += await self.round_trips(100)
        return Measured(what, await self.stages(mentions), median(trips), median(lasts))

    async def slow(self) -> Measured:
        """In all channels at once, at the beginning of ten seconds in which Postgres is slow."""
        assert self.proxy
        await asyncio.sleep(PAUSE)
        self.proxy.seconds = SLOW / 2
        asking = asyncio.create_task(self.platform.mention(CHANNELS, "while it is slow"))
        trips = await self.round_trips(1)
        await asyncio.sleep(SLOW_FOR)
        self.proxy.seconds = 0.0
        burst = await asking
        last = (max(one.whole for one in burst) - min(one.at for one in burst)) * 1000
        answers = await self.beside.fetchval(_ANSWERED, [one.question for one in burst])
        assert answers == CHANNELS, f"{answers} of {CHANNELS} are answered"
        return Measured("20, slow database", await self.stages(burst), median(trips), last)


_ANSWERED = """
SELECT count(*) FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
WHERE m.text = ANY($1) AND t.state IN ('done', 'running') AND t.attempts = 1
"""


@asynccontextmanager
async def rig(name: str, far: float | None) -> AsyncIterator[Rig]:
    """Everything, started and warm; with `far`, the database is so many seconds away."""
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(temporary_postgres(NOTES_COMMITS))
        await _migrate(postgres.url)
        proxy, url = None, postgres.url
        if far is not None:
            proxy, url = await stack.enter_async_context(far_away(url, far / 2))
        platform = stack.enter_context(loopback_platform(name))
        model = stack.enter_context(timestamp_server(END))
        settings = {"OPENAI_BASE_URL": model.url, "DATABASE_URL": url}
        process = nellie_process({**platform.environ, **MODEL, **settings})
        nellie = process.__enter__()
        # In a thread: until it has ended, it needs the proxy, which is in this one.
        stack.push_async_callback(asyncio.to_thread, process.__exit__, None, None, None)
        await platform.wait_until_connected()
        beside = await asyncpg.connect(url.replace("+asyncpg", ""))
        stack.push_async_callback(beside.close)
        await beside.fetchval("SELECT 1")  # from now on it is prepared
        yield Rig(platform, model, beside, proxy, nellie)


async def _migrate(url: str) -> None:
    database = Database(url)
    await schema.migrate(database)
    await database.close()


async def measure(name: str, condition: str, counts: Counts) -> dict[str, Figures]:
    """All figures of one platform, under one condition."""
    far = {"far": FAR, "slow": 0.0}.get(condition)
    with one_core(condition == "one-core"):
        async with rig(name, far) as nellie:
            for number in range(counts.warm_up):
                await nellie.platform.mention(CHANNELS, f"warm{number}")
                await asyncio.sleep(PAUSE)
            if condition == "slow":
                found = [await nellie.slow(), await nellie.bursts("20, afterwards", 1)]
            else:
                found = [await nellie.rested(counts.rested), await nellie.running(counts.running)]
                found.append(await nellie.bursts("20 at once", counts.bursts))
                nellie.model.take(MODEL_TAKES)
                found.append(await nellie.bursts("20, model of 1 s", counts.bursts))
            weight = resident(nellie.nellie)
    for one in found:
        figures = one.figures()
        print(f"{name}, {condition}, {one.what}: {json.dumps(figures)}", flush=True)
    figures_of = {one.what: one.figures() for one in found}
    return {**figures_of, "weight": {"rss_mb": round(weight, 1)}}


@contextmanager
def one_core(wanted: bool) -> Iterator[None]:
    """Everything that is started meanwhile shares one core."""
    all_of_them = os.sched_getaffinity(0)
    if wanted:
        os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


CONDITIONS = ("near", "far", "one-core", "slow")


async def run(names: Sequence[str], conditions: Sequence[str], counts: Counts) -> object:
    """All figures, by platform and condition."""
    return {
        name: {condition: await measure(name, condition, counts) for condition in conditions}
        for name in names
    }


def main() -> None:
    """Print each figure, and all of them as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platforms", nargs="*", default=["slack", "discord"])
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=CONDITIONS)
    parser.add_argument("--quick", action="store_true", help="a look, no measurement")
    given = parser.parse_args()
    counts = QUICK if given.quick else Counts()
    print(json.dumps(asyncio.run(run(given.platforms, given.conditions, counts))))


if __name__ == "__main__":
    main()

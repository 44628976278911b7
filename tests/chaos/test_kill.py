"""Replicas are killed, frozen and cut off, and Postgres too: nothing is lost, nothing twice."""

import asyncio
import os
import random
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chaos.postgres import CUT, SAFE_COMMITS, read_pid
from chaos.socket_platform import SocketPlatform
from chaos.workers import KillTest, Workers

from bot.store import schema
from bot.store.database import Database
from bot.store.embedded_postgres import server as embedded
from bot.store.locks import LockKind
from bot.testing.postgres import temporary_folder

SEED = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6))
LENGTH = float(os.environ.get("CHAOS_LENGTH") or 1)  # how many times as long as usual


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    with temporary_folder("nellie-chaos-") as made:
        yield made


@pytest.fixture
def crashing(folder: Path) -> Iterator[embedded.EmbeddedPostgres]:
    """A Postgres of its own, whose commits survive it."""
    server = embedded.start(folder / "home", settings=SAFE_COMMITS)
    yield server
    server.stop()


@asynccontextmanager
async def kill_test(url: str, folder: Path) -> AsyncIterator[KillTest]:
    """A platform and people; a failure comes with all that is needed to understand it."""
    platform, database = SocketPlatform(random.Random(SEED)), Database(url)
    async with platform.listening() as port:
        workers = Workers(platform, port, url, folder)
        try:
            yield KillTest(platform, workers, database, random.Random(SEED))
        except BaseException as error:
            error.add_note(f"{workers.logs()}\n{platform.events_of(str(error))}\nCHAOS_SEED={SEED}")
            raise
        finally:
            for name in workers.names:
                workers.kill(name)
    await database.close()


async def check(test: KillTest) -> None:
    """Fail with all that is wrong in the end."""
    if faults := await test.find_faults():
        pytest.fail("\n".join(faults))


async def test_nothing_is_lost_or_doubled_when_replicas_are_killed(
    address: str, folder: Path
) -> None:
    async with kill_test(address, folder) as test:
        await test.workers.start(3)

        async with test.talking():
            for _ in range(round(10 * LENGTH)):
                await asyncio.sleep(test.rng.uniform(0.3, 1.2))
                test.workers.kill(test.rng.choice(test.workers.names))
                await test.workers.start(1)

        await check(test)


async def test_a_frozen_replica_is_replaced_and_says_nothing_when_it_wakes(
    address: str, folder: Path
) -> None:
    async with kill_test(address, folder) as test:
        await test.workers.start(2)
        platform = test.platform
        platform.withheld = asyncio.get_running_loop().create_future()

        async with test.talking():
            frozen = await platform.withheld
            test.workers.signal(frozen.worker, signal.SIGSTOP)
            await platform.until(
                lambda: any(post.turn == frozen.turn and post.final for post in platform.posts)
            )
            # It wakes up to the reply to what it had posted, and would go on if it did not ask.
            platform.release.set()
            await asyncio.sleep(0)
            test.workers.signal(frozen.worker, signal.SIGCONT)
            await platform.until(
                lambda: any(
                    post.worker == frozen.worker and post.owner != frozen.owner
                    for post in platform.posts
                )
            )

        await check(test)


async def test_nothing_is_lost_or_doubled_when_connections_are_cut(
    address: str, folder: Path
) -> None:
    async with kill_test(address, folder) as test:
        await test.workers.start(2)

        async with test.talking():
            for _ in range(round(40 * LENGTH)):
                await asyncio.sleep(0.1)
                heartbeats = test.rng.random() < 0.06
                kind = int(LockKind.HEARTBEAT)
                await test.rows(CUT, heartbeats=heartbeats, kind=kind, count=2)

        await check(test)


async def test_nothing_is_lost_or_doubled_when_postgres_crashes(
    crashing: embedded.EmbeddedPostgres, folder: Path
) -> None:
    home = folder / "home"
    async with kill_test(crashing.url, folder) as test:
        await schema.migrate(test.database)
        await test.workers.start(2)

        async with test.talking():
            for _ in range(round(2 * LENGTH)):
                await asyncio.sleep(1.5)
                test.platform.note("Postgres crashes")
                os.kill(read_pid(home), signal.SIGQUIT)
                again = await asyncio.to_thread(embedded.start, home)
                test.platform.note("Postgres is back")
                await asyncio.to_thread(again.stop)
            await asyncio.sleep(1)

        await check(test)

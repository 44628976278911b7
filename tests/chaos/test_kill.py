"""Replicas are killed, frozen and cut off, and Postgres too: nothing is lost, nothing twice."""

import asyncio
import os
import random
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chaos.scene import Chaos, Crew
from chaos.wire import Platform

from bot.store import embedded
from bot.store.database import Database

SEED = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6))
LENGTH = float(os.environ.get("CHAOS_LENGTH") or 1)  # how many times as long as usual
# Two connections at a time, or one that is a replica's sign of life.
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND :life = (pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
        ORDER BY random() LIMIT CASE WHEN :life THEN 1 ELSE 2 END) unlucky
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter: as root, Postgres runs as another one."""
    made = Path(tempfile.mkdtemp(prefix="nellie-chaos-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def crashing(folder: Path) -> Iterator[embedded.EmbeddedPostgres]:
    """A Postgres of its own, whose commits survive it."""
    server = embedded.start(folder / "home", settings={"fsync": "off"})
    yield server
    server.stop()


@asynccontextmanager
async def chaos(url: str, folder: Path) -> AsyncIterator[Chaos]:
    """A platform and people; a failure is told with all that is needed to understand it."""
    platform, database = Platform(SEED), Database(url)
    crew = Crew(platform, await platform.open(), url, folder)
    try:
        yield Chaos(platform, crew, database, random.Random(SEED))
    except BaseException as error:
        error.add_note(f"{crew.logs()}\n{platform.story(str(error))}\nCHAOS_SEED={SEED}")
        raise
    finally:
        for name in list(crew.members):
            crew.kill(name)
        await platform.close()
        await database.close()


async def judge(here: Chaos) -> None:
    if faults := await here.aftermath():
        pytest.fail("\n".join(faults))


async def test_nothing_is_lost_or_doubled_when_replicas_are_killed(
    address: str, folder: Path
) -> None:
    async with chaos(address, folder) as here:
        await here.crew.hire(3)

        async with here.talking():
            for _ in range(round(10 * LENGTH)):
                await asyncio.sleep(here.dice.uniform(0.3, 1.2))
                here.crew.kill(here.dice.choice(list(here.crew.members)))
                await here.crew.hire(1)

        await judge(here)


async def test_a_frozen_replica_is_replaced_and_says_nothing_when_it_wakes(
    address: str, folder: Path
) -> None:
    async with chaos(address, folder) as here:
        await here.crew.hire(2)
        here.platform.held = asyncio.get_running_loop().create_future()
        shown = here.platform.shown

        async with here.talking():
            frozen = await here.platform.held
            here.crew.signal(frozen.worker, signal.SIGSTOP)
            await here.platform.until(
                lambda: any(one.turn == frozen.turn and one.final for one in shown)
            )
            # It wakes up to the answer to what it had posted, and would go on if it did not ask.
            here.platform.release.set()
            await asyncio.sleep(0)
            here.crew.signal(frozen.worker, signal.SIGCONT)
            await here.platform.until(
                lambda: any(
                    one.worker == frozen.worker and one.owner != frozen.owner for one in shown
                )
            )

        await judge(here)


async def test_nothing_is_lost_or_doubled_when_connections_are_cut(
    address: str, folder: Path
) -> None:
    async with chaos(address, folder) as here:
        await here.crew.hire(2)

        async with here.talking():
            for _ in range(round(40 * LENGTH)):
                await asyncio.sleep(0.1)
                await here.rows(CUT, life=here.dice.random() < 0.06)

        await judge(here)


async def test_nothing_is_lost_or_doubled_when_postgres_crashes(
    crashing: embedded.EmbeddedPostgres, folder: Path
) -> None:
    pid = folder / "home" / "pg18" / "postmaster.pid"
    async with chaos(crashing.url, folder) as here:
        await here.database.migrate()
        await here.crew.hire(2)

        async with here.talking():
            for _ in range(round(2 * LENGTH)):
                await asyncio.sleep(1.5)
                here.platform.note("Postgres crashes")
                os.kill(int(pid.read_text().split()[0]), signal.SIGQUIT)
                again = await asyncio.to_thread(embedded.start, folder / "home")
                here.platform.note("Postgres is back")
                await asyncio.to_thread(again.stop)
            await asyncio.sleep(1)

        await judge(here)

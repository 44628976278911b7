"""Replicas are killed, frozen and cut off, and Postgres too: nothing is lost, nothing twice."""

import asyncio
import multiprocessing
import os
import random
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chaos import worker
from chaos.wire import Platform, Said
from doubles.said import rows, unsound

from bot.errors import DatabaseUnavailable
from bot.store import embedded
from bot.store.database import Database

pytestmark = pytest.mark.stress

SEED = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6))
LENGTH = float(os.environ.get("CHAOS_LENGTH") or 1)
"""How many times as long as usual the kills go on."""
LEASE = 3.0
RATE = 15
"""Messages a second."""
PATIENCE = 40
"""Seconds that it may take until all is answered, once the chaos has ended."""
REPLICAS = multiprocessing.get_context("forkserver")
REPLICAS.set_forkserver_preload(["bot.engine", "openai"])

AUDIT = """
    SELECT q.external_id, count(DISTINCT q.seq), count(DISTINCT a.seq), min(a.text)
    FROM message q LEFT JOIN message a
    ON a.channel_id = q.channel_id AND a.reply_to = q.external_id AND a.nellie
    WHERE NOT q.nellie GROUP BY q.channel_id, q.external_id
"""
OPEN = """
    SELECT 'turn ' || t.id || ' of ' || c.external_id || ' ' || t.lane || ' is ' || t.state
           || ', owner ' || coalesce(l.owner, 0) || ', attempts ' || t.attempts
    FROM turn t JOIN lane l USING (channel_id, lane) JOIN channel c ON c.id = t.channel_id
    WHERE t.state NOT IN ('done')
    UNION ALL SELECT 'lane ' || lane || ' is owned by ' || owner FROM lane WHERE owner IS NOT NULL
"""


@dataclass
class Crew:
    """The replicas."""

    platform: Platform
    port: int
    url: str
    folder: Path
    members: dict[str, multiprocessing.process.BaseProcess] = field(default_factory=dict)
    hired: int = 0

    async def hire(self, count: int) -> None:
        """Start so many, and wait until they are there."""
        names = [self._start() for _ in range(count)]
        async with asyncio.timeout(PATIENCE):
            while not set(names) <= self.platform.lines.keys():
                await asyncio.sleep(0.01)

    def _start(self) -> str:
        self.hired += 1
        name = f"w{self.hired}"
        job = worker.Job(name, self.port, self.url, LEASE, str(self.folder / f"{name}.log"))
        self.members[name] = REPLICAS.Process(target=worker.main, args=(job,), daemon=True)
        self.members[name].start()
        return name

    def kill(self, name: str) -> None:
        self.platform.note(f"kill {name}")
        process = self.members.pop(name)
        process.kill()
        process.join()

    def signal(self, name: str, number: signal.Signals) -> None:
        self.platform.note(f"{number.name} to {name}")
        pid = self.members[name].pid
        assert pid
        os.kill(pid, number)

    def logs(self) -> str:
        files = sorted(self.folder.glob("w*.log"), key=lambda path: int(path.stem[1:]))
        return "\n".join(f"--- {path.name}\n{path.read_text()}" for path in files)


@dataclass
class Chaos:
    """People who talk all the time to replicas to which things happen."""

    platform: Platform
    crew: Crew
    database: Database
    dice: random.Random
    asked: int = 0

    def something(self) -> Said:
        """What somebody says next, in one of twelve lanes, or nothing for her."""
        self.asked += 1
        channel = f"C{self.dice.randrange(3)}"
        thread, author = self.dice.choice([("t1", "ana"), ("t2", "bob"), ("", "ana"), ("", "bob")])
        id, addressed = f"m{self.asked}", self.dice.random() < 0.9
        # Carl never talks to her, so that nothing of his is a follow-up.
        author = author if addressed else "carl"
        return Said(id, channel, author, thread, f"question {id}?", addressed)

    @asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """People talk as long as this lasts, and are heard before it ends."""
        ended = asyncio.Event()

        async def talk() -> None:
            async with asyncio.TaskGroup() as group:
                while not ended.is_set():
                    times = 2 if self.dice.random() < 0.15 else 1
                    group.create_task(self.platform.say(self.something(), times=times))
                    await asyncio.sleep(self.dice.expovariate(RATE))

        talk_goes_on = asyncio.create_task(talk())
        try:
            yield
        finally:
            ended.set()
            async with asyncio.timeout(PATIENCE):
                await talk_goes_on

    async def aftermath(self) -> list[str]:
        """What is wrong once everything had its time to be answered."""
        left = await self._left()
        found = {
            id: (stored, answers, text) for id, stored, answers, text in await self.rows(AUDIT)
        }
        for said in self.platform.said:
            wanted = (1, 1, said.answer) if said.addressed else (1, 0, None)
            if found.pop(said.id, None) != wanted:
                left.append(f"{said.id} ({said.channel} {said.thread}): not once in the database")
        left += [f"{id}: never said" for id in found]
        return [*left, *self.platform.faults(), *await unsound(self.database)]

    async def _left(self) -> list[str]:
        ends = time.monotonic() + PATIENCE
        while (left := await self.rows(OPEN)) and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        return left

    async def rows(self, statement: str) -> list[Any]:
        """Rows, as soon as Postgres gives them."""
        while True:
            try:
                return await rows(self.database, statement)
            except DatabaseUnavailable:
                await asyncio.sleep(0.1)

    async def judge(self) -> None:
        """Fail with all that is wrong."""
        if faults := await self.aftermath():
            pytest.fail("\n".join(faults))

    def explain(self, error: BaseException) -> None:
        """Say with a failure what is needed to understand it."""
        error.add_note(f"{self.crew.logs()}\n{self.platform.story(str(error))}\nseed {SEED}")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter: as root, Postgres runs as another one."""
    made = Path(tempfile.mkdtemp(prefix="nellie-chaos-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@asynccontextmanager
async def chaos(url: str, folder: Path) -> AsyncIterator[Chaos]:
    """A platform, people, and no replica yet."""
    platform, database = Platform(SEED), Database(url)
    crew = Crew(platform, await platform.open(), url, folder)
    here = Chaos(platform, crew, database, random.Random(SEED))
    try:
        yield here
    except BaseException as error:
        here.explain(error)
        raise
    finally:
        for name in list(crew.members):
            crew.kill(name)
        await platform.close()
        await database.close()


async def test_nothing_is_lost_or_doubled_when_replicas_are_killed(
    address: str, folder: Path
) -> None:
    async with chaos(address, folder) as here:
        await here.crew.hire(3)

        async with here.talking():
            for _ in range(int(12 * LENGTH)):
                await asyncio.sleep(here.dice.uniform(0.4, 1.4))
                here.crew.kill(here.dice.choice(list(here.crew.members)))
                await here.crew.hire(1)

        await here.judge()


async def test_a_frozen_replica_is_replaced_and_says_nothing_when_it_wakes(
    address: str, folder: Path
) -> None:
    async with chaos(address, folder) as here:
        await here.crew.hire(2)
        here.platform.held = asyncio.get_running_loop().create_future()

        async with here.talking():
            frozen = await here.platform.held
            here.crew.signal(frozen.worker, signal.SIGSTOP)
            await here.platform.until(lambda one: one.turn == frozen.turn and one.final)
            here.crew.signal(frozen.worker, signal.SIGCONT)
            here.platform.release.set()
            await here.platform.until(
                lambda one: one.worker == frozen.worker and one.owner != frozen.owner
            )

        await here.judge()


async def test_nothing_is_lost_or_doubled_when_connections_are_cut(
    address: str, folder: Path
) -> None:
    cut = """
        SELECT count(pg_terminate_backend(pid)) FROM (
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            ORDER BY random() LIMIT 2) unlucky
    """
    async with chaos(address, folder) as here:
        await here.crew.hire(2)

        async with here.talking():
            for _ in range(int(50 * LENGTH)):
                await asyncio.sleep(0.1)
                await here.rows(cut)

        await here.judge()


async def test_nothing_is_lost_or_doubled_when_postgres_crashes(folder: Path) -> None:
    home, settings = folder / "home", {"fsync": "off"}
    server = embedded.start(home, settings=settings)
    first = Database(server.url)
    await first.migrate()
    await first.close()
    async with chaos(server.url, folder) as here:
        await here.crew.hire(2)

        async with here.talking():
            for _ in range(int(2 * LENGTH) or 1):
                await asyncio.sleep(2)
                here.platform.note("Postgres crashes")
                os.kill(
                    int((home / "pg18" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT
                )
                again = await asyncio.to_thread(embedded.start, home, settings=settings)
                here.platform.note("Postgres is back")
                await asyncio.to_thread(again.stop)
            await asyncio.sleep(2)

        await here.judge()
    server.stop()

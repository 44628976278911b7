"""Who takes part in the chaos: replicas in processes of their own, and people who talk to them."""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos import worker
from chaos.wire import PATIENCE, Platform, Said
from doubles.said import rows, unsound

from bot.errors import DatabaseUnavailable
from bot.store.database import Database

LEASE = 3.0
RATE = 15  # messages a second
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
        await self.platform.until(lambda: set(names) <= self.platform.lines.keys())

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
        # Not an event: it happens in Postgres.
        while (left := await self.rows(OPEN)) and time.monotonic() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return left

    async def rows(self, statement: str, **values: object) -> list[Any]:
        """Rows, as soon as Postgres gives them."""
        while True:
            try:
                return await rows(self.database, statement, **values)
            except DatabaseUnavailable:
                await asyncio.sleep(0.1)

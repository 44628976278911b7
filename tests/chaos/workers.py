"""Who takes part in the kill tests: replicas in processes of their own, and people who talk."""

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

from chaos import worker_process
from chaos.socket_platform import PATIENCE, Sent, SocketPlatform
from doubles.sample_messages import find_contradictions, patient_rows

from bot.store.database import Database

LEASE = 3.0
RATE = 15  # messages a second
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bot.bootstrap", "bot.core.tool_rounds", "openai"])

_AUDIT = """
    SELECT q.external_id, count(DISTINCT q.seq), count(DISTINCT a.seq), min(a.text)
    FROM message q LEFT JOIN message a
    ON a.channel_id = q.channel_id AND a.reply_to = q.external_id AND a.nellie
    WHERE NOT q.nellie GROUP BY q.channel_id, q.external_id
"""
_UNFINISHED = """
    SELECT 'turn ' || t.id || ' of ' || c.external_id || ' ' || t.lane || ' is ' || t.state
           || ', owner ' || coalesce(l.owner, 0) || ', attempts ' || t.attempts
    FROM turn t JOIN lane l USING (channel_id, lane) JOIN channel c ON c.id = t.channel_id
    WHERE t.state NOT IN ('done')
    UNION ALL SELECT 'lane ' || lane || ' is owned by ' || owner FROM lane WHERE owner IS NOT NULL
"""


@dataclass
class Workers:
    """The replicas, by name."""

    platform: SocketPlatform
    port: int
    url: str
    folder: Path
    tools: str = ""
    """Where their tools are; they have none without."""
    processes: dict[str, multiprocessing.process.BaseProcess] = field(default_factory=dict)
    started: int = 0

    @property
    def names(self) -> list[str]:
        """The names of those that run."""
        return list(self.processes)

    async def start(self, count: int) -> None:
        """Start so many, and wait until they are there."""
        names = [self._start_one() for _ in range(count)]
        await self.platform.until(lambda: set(names) <= self.platform.workers.keys())

    def _start_one(self) -> str:
        self.started += 1
        name = f"w{self.started}"
        log = str(self.folder / f"{name}.log")
        settings = worker_process.WorkerSettings(name, self.port, self.url, LEASE, log, self.tools)
        process = PROCESSES.Process(target=worker_process.main, args=(settings,), daemon=True)
        process.start()
        self.processes[name] = process
        return name

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash."""
        self.platform.note(f"kill {name}")
        process = self.processes.pop(name)
        process.kill()
        process.join()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of them."""
        self.platform.note(f"{number.name} to {name}")
        pid = self.processes[name].pid
        assert pid
        os.kill(pid, number)

    def logs(self) -> str:
        """What each of them wrote, also those that are gone."""
        files = sorted(self.folder.glob("w*.log"), key=lambda path: int(path.stem[1:]))
        return "\n".join(f"--- {path.name}\n{path.read_text()}" for path in files)


@dataclass
class KillTest:
    """People who talk all the time to workers to which things happen."""

    platform: SocketPlatform
    workers: Workers
    database: Database
    rng: random.Random
    messages: int = 0

    def _next_message(self) -> Sent:
        """What somebody says next, in one of twelve lanes, or to nobody in particular."""
        self.messages += 1
        channel = f"C{self.rng.randrange(3)}"
        thread, author = self.rng.choice([("t1", "ana"), ("t2", "bob"), ("", "ana"), ("", "bob")])
        id_, addressed = f"m{self.messages}", self.rng.random() < 0.9
        # Carl never asks Nellie, so that nothing of his is a follow-up.
        author = author if addressed else "carl"
        return Sent(id_, channel, author, thread, f"question {id_}?", addressed)

    @asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """People talk as long as this lasts, and are heard before it ends."""
        ended = asyncio.Event()

        async def talk() -> None:
            async with asyncio.TaskGroup() as group:
                while not ended.is_set():
                    times = 2 if self.rng.random() < 0.15 else 1
                    group.create_task(self.platform.send(self._next_message(), times=times))
                    await asyncio.sleep(self.rng.expovariate(RATE))

        task = asyncio.create_task(talk())
        try:
            yield
        finally:
            ended.set()
            async with asyncio.timeout(PATIENCE):
                await task

    async def find_faults(self) -> list[str]:
        """What is wrong once everything had its time to be answered."""
        faults = await self._unfinished()
        found = {
            id_: (stored, answers, text) for id_, stored, answers, text in await self.rows(_AUDIT)
        }
        for message in self.platform.sent:
            wanted = (1, 1, message.answer) if message.addressed else (1, 0, None)
            if found.pop(message.id, None) != wanted:
                where = f"{message.id} ({message.channel} {message.thread})"
                faults.append(f"{where}: not once in the database")
        faults += [f"{id_}: never said" for id_ in found]
        return [*faults, *self.platform.find_faults(), *await find_contradictions(self.database)]

    async def _unfinished(self) -> list[str]:
        ends = time.monotonic() + PATIENCE
        left = await self.rows(_UNFINISHED)
        while left and time.monotonic() < ends:
            await asyncio.sleep(0.1)
            left = await self.rows(_UNFINISHED)
        return left

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """Rows, as soon as Postgres gives them."""
        return await patient_rows(self.database, sql, **values)

"""Replicas are killed or frozen at every step of reading a file: it is read once, in the end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from chaos import reading_process as steps
from chaos.workers import PROCESSES
from doubles.sample_messages import ROOM, patient_rows, sample_new_message

from bot.domain.documents import PostedFile
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.testing.postgres import temporary_folder

PATIENCE = 40.0  # seconds
FILE = PostedFile(id="F1", name="crane.md", media_type="text/markdown")
_STATES = "SELECT state FROM posted_file"
_COUNTS = """
    SELECT ARRAY[(SELECT count(*) FROM document), (SELECT count(DISTINCT number) FROM passage),
                 (SELECT count(DISTINCT term) FROM passage_posting WHERE term ~ '^part[0-9]+$')]
"""


@dataclass
class Replica:
    """A process that reads files."""

    process: BaseProcess
    steps: Connection

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.join()

    async def reaches(self, step: str) -> None:
        """Return once it stands at a step."""
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(self.steps.recv) != step:
                pass

    def signal(self, number: signal.Signals) -> None:
        assert self.process.pid
        os.kill(self.process.pid, number)


@dataclass
class ReadingTest:
    """A file that was posted, and those who read it."""

    address: str
    database: Database
    folder: Path
    channel: int
    replicas: list[Replica] = field(default_factory=list)

    def start(self, hold: str = "") -> Replica:
        """A replica that stands still at a step."""
        ours, theirs = PROCESSES.Pipe()
        given = (self.address, str(self.folder), theirs, hold)
        process = PROCESSES.Process(target=steps.main, args=given, daemon=True)
        process.start()
        theirs.close()
        self.replicas.append(Replica(process, ours))
        return self.replicas[-1]

    async def ends(self, state: str = "read") -> None:
        """The file is read, once, whole, and nothing is left where it was read."""
        async with asyncio.timeout(PATIENCE):
            while await patient_rows(self.database, _STATES) != [state]:  # noqa: ASYNC110  # elsewhere
                await asyncio.sleep(0.05)
        [[documents, passages, terms]] = await patient_rows(self.database, _COUNTS)
        [kept] = await patient_rows(self.database, "SELECT passages FROM document")
        assert (documents, passages, terms) == (1, kept, 120)

    async def leave_nothing(self) -> None:
        """Whoever comes next deletes what was left; no child reads on."""
        self.start()
        async with asyncio.timeout(PATIENCE):
            while self._is_something_left():  # noqa: ASYNC110  # elsewhere
                await asyncio.sleep(0.05)

    def _is_something_left(self) -> bool:
        """Beside the folder of the one that runs."""
        return len(os.listdir(self.folder)) != 1 or bool(_children_of(self.folder))


def _children_of(folder: Path) -> list[str]:
    """The processes that read a file of this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has ended
            continue
        if "bot.documents.child" in command and str(folder) in command:
            found.append(command)
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder("nellie-chaos-") as made:
        yield made


@pytest.fixture
async def test(address: str, folder: Path) -> AsyncIterator[ReadingTest]:
    """A file is posted, and nobody reads it yet."""
    database = Database(address)
    channel = await Channels(database).id(ROOM)
    new = sample_new_message("m1")
    new = replace(new, message=replace(new.message, files=(FILE,)))
    await Messages(database).add(channel, [new])
    made = ReadingTest(address, database, folder, channel)
    yield made
    for replica in made.replicas:
        replica.kill()
    await database.close()


@pytest.mark.parametrize("step", steps.STEPS)
async def test_a_file_whose_reader_is_killed_is_read_once_by_its_successor(
    test: ReadingTest, step: str
) -> None:
    killed = test.start(step)
    await killed.reaches(step)
    killed.kill()

    test.start()

    await test.ends()
    test.replicas[-1].kill()
    await test.leave_nothing()


@pytest.mark.parametrize("step", [step for step in steps.STEPS if step != steps.STORED])
async def test_a_frozen_reader_stores_nothing_when_it_wakes(test: ReadingTest, step: str) -> None:
    frozen = test.start(step)
    await frozen.reaches(step)
    frozen.signal(signal.SIGSTOP)

    test.start()
    await test.ends()
    frozen.signal(signal.SIGCONT)
    frozen.steps.send("go on")
    await asyncio.sleep(1)

    await test.ends()


@pytest.mark.parametrize("step", steps.STEPS)
async def test_a_message_that_goes_at_any_step_leaves_nothing(test: ReadingTest, step: str) -> None:
    reading = test.start(step)
    await reading.reaches(step)

    await MessageEdits(test.database).forget(test.channel, [1])
    reading.steps.send("go on")
    await asyncio.sleep(1)

    assert await patient_rows(test.database, _STATES) == []
    assert await patient_rows(test.database, _COUNTS) == [[0, 0, 0]]


async def test_one_reader_after_another_may_die(test: ReadingTest) -> None:
    for step in (steps.FETCHING, steps.READING, steps.STORING):
        killed = test.start(step)
        await killed.reaches(step)
        killed.kill()

    test.start()

    await test.ends()

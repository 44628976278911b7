"""Replicas are killed or frozen at every step of a turn with tools: no call is lost or repeated."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from chaos import tool_steps as steps
from chaos.socket_platform import Sent, SocketPlatform
from chaos.workers import Workers
from doubles import counting_server as server_steps
from doubles.counting_server import CountingServer
from doubles.remote_tools import BOOK, LOOK_UP
from doubles.sample_messages import patient_rows

from bot.core.tool_rounds import APART, UNSURE
from bot.store.database import Database
from bot.testing.postgres import temporary_folder

# Of a call: before it has started, while it is under way, and after it.
BEFORE = (steps.round_begins(0), steps.BEFORE_ROW, steps.AFTER_ROW)
BEFORE_A_CHANGE = (*BEFORE, steps.ASKED, steps.BEFORE_START)
AT_THE_SERVER = (
    server_steps.BEFORE_COUNTED,
    server_steps.AFTER_COUNTED,
    server_steps.BEFORE_WHOLE,
    steps.BEFORE_RESULT,
)
AFTER = (
    steps.AFTER_RESULT,
    steps.round_begins(1),
    steps.BEFORE_TEXT,
    steps.AFTER_TEXT,
    steps.AFTER_POST,
    steps.BEFORE_END,
)
PATIENCE = 40  # seconds
MAYBE = APART + UNSURE.format(tools=BOOK.name)
_ENDED = "SELECT 1 FROM turn WHERE state = 'done'"
_STATES = "SELECT state FROM tool_call ORDER BY round, position"
_WORDS = """
    SELECT count(*) FROM tool_call
    WHERE coalesce(call, said, result, CAST(usage AS text)) IS NOT NULL OR rests_on IS NOT NULL
"""


@dataclass
class ToolTest:
    """A question, and the workers that answer it."""

    platform: SocketPlatform
    workers: Workers
    server: CountingServer
    database: Database

    async def ask(self, text: str, id_: str = "m1") -> None:
        """Somebody asks, and is heard."""
        await self.platform.send(Sent(id_, "C1", "ana", id_, text, addressed=True))

    async def reaches(self, step: str, text: str) -> str:
        """Somebody asks, and the one worker stands at a step of its answer."""
        self.server.hold = step
        [worker] = self.workers.names
        await self.ask(text)
        await self.is_held()
        return worker

    async def is_held(self) -> None:
        """Return once somebody stands at the step."""
        with self._telling():
            async with asyncio.timeout(PATIENCE):
                await self.server.reached.wait()

    async def ended(self) -> None:
        """The answer is whole."""
        with self._telling():
            async with asyncio.timeout(PATIENCE):
                while not await patient_rows(self.database, _ENDED):  # noqa: ASYNC110  # elsewhere
                    await asyncio.sleep(0.05)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What fails comes with all that is needed to understand it."""
        try:
            yield
        except TimeoutError as error:
            error.add_note(f"{self.server.steps}\n{self.workers.logs()}")
            raise

    async def states(self) -> list[str]:
        return await patient_rows(self.database, _STATES)

    async def check(self, *, unsure: bool = False) -> None:
        """It was answered once, and says of each call that is unknown that it is."""
        sent, posts = self.platform.sent[0], [p for p in self.platform.posts if p.trigger == "m1"]
        assert len({post.turn for post in posts}) == 1
        assert posts[-1].final
        assert posts[-1].text == sent.answer + MAYBE * unsure
        assert ("unknown" in await self.states()) == unsure
        assert await patient_rows(self.database, _WORDS) == [0]
        assert all(times == 1 for times in self.server.counted.values()), self.server.counted
        keys = [key for tool, key in self.server.asked if tool == BOOK.name]
        assert len(keys) == len(set(keys)), "a change was asked for twice"

    def calls_of(self, tool: str) -> list[str]:
        """The keys of the calls of a tool that came."""
        return [key for name, key in self.server.asked if name == tool]


@pytest.fixture
async def test(address: str) -> AsyncIterator[ToolTest]:
    """One worker, whose tools are a server in this process."""
    with temporary_folder("nellie-chaos-") as folder:
        async with _tool_test(address, folder) as made:
            yield made


@asynccontextmanager
async def _tool_test(address: str, folder: Path) -> AsyncIterator[ToolTest]:
    platform, database = SocketPlatform(random.Random(1)), Database(address)
    async with CountingServer() as server, platform.listening() as port:
        workers = Workers(platform, port, address, folder, server.url)
        try:
            await workers.start(1)
            yield ToolTest(platform, workers, server, database)
        finally:
            server.release()
            for name in workers.names:
                workers.kill(name)
    await database.close()


@pytest.mark.parametrize("step", [*BEFORE_A_CHANGE])
async def test_a_change_that_had_not_started_is_made_once_by_the_successor(
    test: ToolTest, step: str
) -> None:
    await _killed_at(test, step, "book?")

    await test.check()
    assert len(test.server.counted) == 1
    assert await test.states() == ["done"]


@pytest.mark.parametrize("step", [steps.AFTER_START, *AT_THE_SERVER])
async def test_a_change_that_was_under_way_is_not_repeated_and_people_are_told(
    test: ToolTest, step: str
) -> None:
    await _killed_at(test, step, "book?")

    await test.check(unsure=True)
    assert len(test.server.counted) == (step in AT_THE_SERVER)


@pytest.mark.parametrize("step", [*AFTER])
async def test_a_change_that_had_ended_is_told_and_not_repeated(test: ToolTest, step: str) -> None:
    await _killed_at(test, step, "book?")

    await test.check()
    assert len(test.server.counted) == 1


@pytest.mark.parametrize("step", [*BEFORE, *AT_THE_SERVER])
async def test_what_only_reads_is_made_again_with_the_same_key(test: ToolTest, step: str) -> None:
    await _killed_at(test, step, "look?")

    await test.check()
    keys = test.calls_of(LOOK_UP.name)
    assert len(keys) == 1 + (step in AT_THE_SERVER)
    assert len(set(keys)) == 1


@pytest.mark.parametrize("step", [*AFTER])
async def test_what_has_been_read_is_not_read_again(test: ToolTest, step: str) -> None:
    await _killed_at(test, step, "look?")

    await test.check()
    assert len(test.calls_of(LOOK_UP.name)) == 1


@pytest.mark.parametrize(
    "step", [steps.round_begins(1), steps.round_begins(2), steps.round_begins(3)]
)
async def test_between_rounds_nothing_of_those_before_is_repeated(
    test: ToolTest, step: str
) -> None:
    await _killed_at(test, step, "look+look, then book+look, then book+book?")

    await test.check()
    assert len(test.server.counted) == 3
    assert len(test.calls_of(LOOK_UP.name)) == 3
    assert await test.states() == ["done"] * 6


@pytest.mark.parametrize("text", ["book+book+book+book?", "look+book+book?"])
@pytest.mark.parametrize("step", [steps.ASKED, steps.AFTER_START, *AT_THE_SERVER])
async def test_of_several_changes_at_once_each_happens_once_or_is_told(
    test: ToolTest, step: str, text: str
) -> None:
    await _killed_at(test, step, text)

    states = await test.states()
    await test.check(unsure="unknown" in states)
    done = sum(state == "done" for state in states) - text.count("look")
    assert done <= len(test.server.counted) <= text.count("book")
    assert set(states) <= {"done", "unknown"}


@pytest.mark.parametrize(
    ("step", "times"),
    [
        (steps.AFTER_ROW, 2),
        (steps.ASKED, 4),
        (server_steps.AFTER_COUNTED, 3),
        (steps.round_begins(2), 4),
        (steps.AFTER_POST, 3),
    ],
)
async def test_one_replica_after_another_may_die_at_the_same_step(
    test: ToolTest, step: str, times: int
) -> None:
    await _killed_at(test, step, "look, then book?", times=times)

    await test.check()
    assert len(test.server.counted) == 1


@pytest.mark.parametrize("step", [*BEFORE_A_CHANGE, steps.AFTER_START, *AT_THE_SERVER, *AFTER[:-1]])
async def test_a_frozen_replica_neither_repeats_a_change_nor_speaks_when_it_wakes(
    test: ToolTest, step: str
) -> None:
    """Another one is there already, and takes over."""
    frozen = await test.reaches(step, "book?")
    test.workers.signal(frozen, signal.SIGSTOP)
    await test.workers.start(1)
    await test.ended()
    [other] = [name for name in test.workers.names if name != frozen]
    test.server.release()
    test.workers.signal(frozen, signal.SIGCONT)
    test.workers.kill(other)
    await test.ask("anything else?", "m2")
    await test.platform.until(
        lambda: any(post.trigger == "m2" and post.final for post in test.platform.posts)
    )
    await test.server.settled()

    unsure = step in (steps.AFTER_START, *AT_THE_SERVER)
    await test.check(unsure=unsure)
    assert len(test.server.counted) == (step != steps.AFTER_START)
    faults = [one for one in test.platform.find_faults() if not (unsure and MAYBE[2:] in one)]
    assert faults == []


async def _killed_at(test: ToolTest, step: str, text: str, *, times: int = 1) -> None:
    """A replica is killed at a step, so often, and another one is left in peace."""
    worker = await test.reaches(step, text)
    for _ in range(times - 1):
        test.server.reached.clear()
        test.server.hold = step
        test.workers.kill(worker)
        await test.workers.start(1)
        [worker] = test.workers.names
        await test.is_held()
    test.workers.kill(worker)
    test.server.release()
    await test.workers.start(1)
    await test.ended()
    await test.server.settled()

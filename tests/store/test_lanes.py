"""Lanes at work on a real Postgres: nothing of ours is left lying, nothing of others is touched."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from doubles.sample_messages import (
    ROOM,
    find_contradictions,
    rows,
    sample_answer,
    sample_message,
    sample_new_message,
)

from bot.core import lane_worker
from bot.core.lanes import Lanes
from bot.core.takeover import Takeover
from bot.core.turn_run import TurnRun
from bot.domain.errors import Fenced
from bot.domain.model import Turn
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.locks import LockKind
from bot.store.turn_actions import TurnActions
from bot.store.turn_outcome import Outcome
from bot.store.turns import Accepted, Lease, Turns

BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = :kind AND objid::bigint = :owner
"""


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A replica at work, whose answers can be held up and spoiled."""

    database: Database
    room: int
    lease: float = 1.0
    clock: Clock | None = None
    faults: list[Exception] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    runs: list[TurnRun] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = {"clock": self.clock} if self.clock else {}
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()
        self.turns = Turns(self.database, lease=self.lease)
        self.heartbeat = Heartbeat(self.database, lease=self.lease, **clock)
        self.lanes = Lanes(
            turns=self.turns,
            heartbeat=self.heartbeat,
            answerer=self,
            lease=self.lease,
        )
        self.takeover = Takeover(turns=self.turns, lanes=self.lanes, platforms=("fake",))

    async def accept(self, id: str) -> Accepted:
        """Somebody asks; the lane is not told of it."""
        question = sample_new_message(id)
        return await self.turns.accept(self.room, question, owner=self.lanes.owner, opens_turn=True)

    async def ask(self, id: str) -> Accepted:
        accepted = await self.accept(id)
        self.lanes.start(accepted, sample_message(id))
        return accepted

    async def answer(self, run: TurnRun) -> Outcome:
        self.runs.append(run)
        self.begun.set()
        await self.open.wait()
        if self.faults:
            raise self.faults.pop()
        if self.outcomes and self.outcomes.pop(0) == "failed":
            return Outcome("failed", error="ModelOverloaded")
        return Outcome("done", sample_answer(run.turn))

    async def give_up(self, run: TurnRun, error: Exception) -> Outcome:
        raise error


Desks = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def desks(database: Database) -> AsyncIterator[Desks]:
    """Open desks that are closed after the test."""
    room = await Channels(database).id(ROOM)
    opened: list[tuple[Desk, list[asyncio.Task[None]]]] = []

    async def start(clock: Clock | None = None) -> Desk:
        desk = Desk(database, room, clock=clock)
        await desk.heartbeat.register()
        work = (desk.lanes.renew_leases(), desk.takeover.run())
        opened.append((desk, [asyncio.create_task(one) for one in work]))
        return desk

    yield start
    for desk, watch in opened:
        desk.open.set()
        await desk.lanes.close(seconds=1)
        for task in watch:
            task.cancel()
        await asyncio.gather(*watch, return_exceptions=True)
        await desk.heartbeat.leave()


async def over(desk: Desk, *asked: Accepted) -> None:
    for one in asked:
        assert one.turn
        await desk.lanes.wait_until_ended(one.turn)


async def test_a_lane_is_worked_on_in_order_and_freed(desks: Desks, database: Database) -> None:
    desk = await desks()

    asked = [await desk.ask(name) for name in ("m1", "m2", "m3")]
    await over(desk, *asked)

    assert [run.turn.trigger.id for run in desk.runs] == ["m1", "m2", "m3"]
    assert await rows(database, "SELECT owner FROM lane") == []
    assert await find_contradictions(database) == []


async def test_a_question_whose_commit_was_not_heard_of_is_answered_all_the_same(
    desks: Desks, database: Database
) -> None:
    desk = await desks()

    asked = await desk.accept("m1")
    await over(desk, asked)

    assert [run.turn.attempts for run in desk.runs] == [2]
    assert await rows(database, "SELECT owner FROM lane") == []


async def test_a_commit_heard_of_late_starts_nothing_twice(desks: Desks) -> None:
    desk = await desks()
    desk.open.clear()
    asked = await desk.accept("m1")
    await desk.begun.wait()

    desk.lanes.start(asked, sample_message("m1"))
    desk.open.set()
    await over(desk, asked)

    assert len(desk.runs) == 1


async def test_a_lane_that_a_fault_has_left_is_taken_up_again(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_worker, "ATTEMPTS", 1)
    desk = await desks()
    desk.faults.append(RuntimeError("a fault of ours"))

    asked = await desk.ask("m1")
    await over(desk, asked)

    assert [run.turn.attempts for run in desk.runs] == [1, 2]


async def test_who_loses_its_line_stops_and_comes_back_as_somebody_new(
    desks: Desks, database: Database
) -> None:
    desk = await desks()
    desk.open.clear()
    asked = await desk.ask("m1")
    await desk.begun.wait()
    former = desk.lanes.owner

    await rows(database, BREAK, kind=LockKind.HEARTBEAT, owner=former)
    await desk.heartbeat.wait_until_broken(5)  # until this side has heard of it too
    desk.open.set()
    await over(desk, asked)

    assert desk.lanes.owner != former
    assert [run.lease.owner for run in desk.runs] == [former, desk.lanes.owner]
    assert [run.turn.attempts for run in desk.runs] == [1, 2]
    assert await find_contradictions(database) == []


async def test_what_the_dead_left_is_finished_by_the_living(
    desks: Desks, database: Database
) -> None:
    dead, living = await desks(), await desks()
    dead.open.clear()
    asked = [await dead.ask(name) for name in ("m1", "m2")]
    await dead.begun.wait()

    await dead.lanes.close(seconds=0)
    await dead.lanes.leave()
    await over(living, *asked)

    assert [run.turn.trigger.id for run in living.runs] == ["m1", "m2"]
    assert await find_contradictions(database) == []


async def test_what_one_that_closes_still_accepts_another_takes_over_at_once(
    desks: Desks, database: Database
) -> None:
    closing, living = await desks(), await desks()
    await closing.lanes.close(seconds=0)

    asked = await closing.ask("m1")
    await over(living, asked)

    assert [run.turn.trigger.id for run in living.runs] == ["m1"]
    assert closing.heartbeat.alive()
    assert await find_contradictions(database) == []


async def test_nothing_is_allowed_once_the_lease_may_be_lost(desks: Desks) -> None:
    clock = Clock()
    desk = await desks(clock=clock)
    desk.open.clear()
    await desk.ask("m1")
    await desk.begun.wait()
    [run] = desk.runs

    run.require_lease()
    clock.now += 1

    with pytest.raises(Fenced):
        run.require_lease()


async def test_nothing_is_allowed_to_a_lease_of_a_former_self(
    desks: Desks, database: Database
) -> None:
    desk = await desks()
    desk.open.clear()
    await desk.ask("m1")
    await desk.begun.wait()
    [run], desk.runs = desk.runs, []
    desk.begun.clear()

    await rows(database, BREAK, kind=LockKind.HEARTBEAT, owner=desk.lanes.owner)
    await desk.begun.wait()

    assert desk.heartbeat.alive()
    with pytest.raises(Fenced):
        run.require_lease()


async def test_a_turn_that_fails_is_asked_for_again_before_its_lane_has_ended(
    desks: Desks, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await desks()
    desk.outcomes = ["failed", "failed", "done"]
    actions = TurnActions(database, lease=desk.lease)
    close = desk.turns.close

    async def close_and_retry(lease: Lease, turn: Turn, outcome: Outcome) -> Turn | None:
        following = await close(lease, turn, outcome)
        reopened = await actions.retry(turn.id, owner=desk.lanes.owner)
        if reopened and reopened.lease:  # somebody presses Retry, while the lane's task still runs
            desk.lanes.resume(reopened.lease)
        return following

    monkeypatch.setattr(desk.turns, "close", close_and_retry)
    await desk.ask("m1")
    await desk.lanes.idle()

    assert [run.turn.attempts for run in desk.runs] == [1, 1, 1]
    assert len({run.lease for run in desk.runs}) == 3
    assert await rows(database, "SELECT state FROM turn") == ["done"]
    assert await find_contradictions(database) == []

"""Turns and lanes: claimed with the message, in order, by one replica, whatever happens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from doubles.said import ANA, BOB, ROOM, answer, rows, said, stored, unsound

from bot.conversation import Turn, Usage
from bot.errors import Fenced
from bot.store.changes import Changes
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.presence import Presence
from bot.store.turns import Accepted, Lease, Outcome, Turns

LANES = "SELECT owner, epoch FROM lane"
STATES = "SELECT state FROM turn ORDER BY id"
EXPIRE = "UPDATE lane SET until = clock_timestamp() - interval '1 second'"


@dataclass
class Replica:
    """One of several that share a database."""

    database: Database
    room: int
    presence: Presence
    turns: Turns

    @classmethod
    async def started(cls, database: Database) -> "Replica":
        presence, turns = Presence(database, lease=15), Turns(database, lease=15)
        await presence.register()
        return cls(database, await Channels(database).id(ROOM), presence, turns)

    @property
    def owner(self) -> int:
        return self.presence.owner

    async def accept(self, id: str, *, owed: bool = True, **more: str) -> Accepted:
        message = stored(id, **more)
        return await self.turns.accept(self.room, message, owner=self.owner, owed=owed)

    async def ask(self, id: str, **more: str) -> tuple[Lease, Turn]:
        """Ask in an idle lane."""
        done = await self.accept(id, **more)
        assert done.lease
        assert done.turn
        trigger = replace(said(id, **more), seq=done.seq)
        return done.lease, Turn(done.turn, ROOM, done.lease.lane, trigger)

    async def done(self, lease: Lease, turn: Turn) -> Turn | None:
        return await self.turns.close(lease, turn, Outcome("done", answer(turn)))

    async def take_over(self, *platforms: str) -> list[Lease]:
        found = platforms or ("fake",)
        return await self.turns.take_over(self.owner, found, limit=20)


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.presence.leave()


@pytest.fixture
async def two(database: Database) -> AsyncIterator[Replica]:
    replica = await Replica.started(database)
    yield replica
    await replica.presence.leave()


async def said_by_nellie(database: Database) -> list[str]:
    return await rows(database, "SELECT text FROM message WHERE nellie ORDER BY seq")


async def test_an_idle_lane_is_claimed_with_the_message(one: Replica) -> None:
    done = await one.accept("m1")

    assert done.lease == Lease(one.room, "author:U1", one.owner, 1)
    assert await rows(one.database, "SELECT state, attempts FROM turn") == [("running", 1)]


async def test_what_is_not_asked_of_her_opens_no_turn(one: Replica) -> None:
    done = await one.accept("m1", owed=False)

    assert done == Accepted(1)
    assert await rows(one.database, LANES) == []


async def test_the_same_message_again_changes_nothing(one: Replica, two: Replica) -> None:
    await one.accept("m1")

    assert await two.accept("m1") == Accepted()
    assert await rows(one.database, STATES) == ["running"]
    assert await rows(one.database, LANES) == [(one.owner, 1)]


@pytest.mark.parametrize("stranger", [False, True])
async def test_a_busy_lane_queues(one: Replica, two: Replica, stranger: bool) -> None:
    await one.accept("m1")

    done = await (two if stranger else one).accept("m2")

    assert done.lease is None
    assert done.turn
    assert await rows(one.database, STATES) == ["running", "waiting"]


async def test_another_lane_does_not_wait(one: Replica, two: Replica) -> None:
    await one.accept("m1")

    leases = [
        (await two.accept("m2", author=BOB)).lease,
        (await two.accept("m3", thread="m3")).lease,
    ]

    assert [lease and lease.lane for lease in leases] == ["author:U2", "thread:m3"]


async def test_closing_stores_the_answer_and_takes_the_next_in_order(one: Replica) -> None:
    lease, turn = await one.ask("m1", text="first?")
    for name in ("m2", "m3"):
        await one.accept(name, text=f"{name}?")

    second = await one.done(lease, turn)
    assert second
    third = await one.done(lease, second)
    assert third
    end = await one.done(lease, third)

    assert [second.trigger.text, third.trigger.text, end] == ["m2?", "m3?", None]
    assert (second.attempts, second.lane) == (1, lease.lane)
    assert await said_by_nellie(one.database) == ["to m1", "to m2", "to m3"]
    assert await rows(one.database, LANES) == [(None, 1)]
    assert await unsound(one.database) == []


async def test_a_freed_lane_is_claimed_anew(one: Replica, two: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.done(lease, turn)

    done = await two.accept("m2")

    assert done.lease == Lease(one.room, "author:U1", two.owner, 2)


async def test_what_the_models_cost_is_kept_with_the_turn(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    calls = (Usage("a", 10, 1), Usage("b", 20, 2, 5))

    await one.turns.close(lease, replace(turn, attempts=3), Outcome("failed", usage=calls))

    kept = "SELECT purpose, turn_id, attempt, model, input FROM usage ORDER BY id"
    assert await rows(one.database, kept) == [
        ("answer", turn.id, 3, "a", 10),
        ("answer", turn.id, 3, "b", 20),
    ]


async def test_a_failed_turn_keeps_its_error_and_frees_the_lane(one: Replica) -> None:
    lease, turn = await one.ask("m1")

    await one.turns.close(lease, turn, Outcome("failed", error="it was too hard"))

    assert await rows(one.database, "SELECT state, error FROM turn") == [
        ("failed", "it was too hard")
    ]
    assert await one.turns.over(turn.id)
    assert await unsound(one.database) == []


async def test_a_turn_is_over_when_it_ended(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    waiting = await one.accept("m2")
    assert waiting.turn

    before = [await one.turns.over(id) for id in (turn.id, waiting.turn)]
    await one.done(lease, turn)

    assert before == [False, False]
    assert await one.turns.over(turn.id)
    assert not await one.turns.over(waiting.turn)


async def test_who_was_answered_in_a_lane_is_known_there(one: Replica) -> None:
    lease, turn = await one.ask("m1", thread="t1")
    before = await one.turns.answered_before(one.room, lease.lane, ANA.id)
    await one.done(lease, turn)

    assert not before
    assert await one.turns.answered_before(one.room, lease.lane, ANA.id)
    assert not await one.turns.answered_before(one.room, lease.lane, BOB.id)
    assert not await one.turns.answered_before(one.room, "thread:t2", ANA.id)


async def test_who_opted_out_is_answered_without_being_remembered(one: Replica) -> None:
    await Channels(one.database).opt(one.room, ANA.id, out=True)

    first, second = await one.accept("m1", text="secret?"), await one.accept("m2", text="more?")
    assert first.lease
    assert first.turn
    turn = Turn(first.turn, ROOM, first.lease.lane, said("m1"), private=first.private)
    following = await one.turns.close(first.lease, turn, Outcome("done"))

    assert following
    assert (first.private, second.private, following.private) == (True, True, True)
    assert following.trigger.text == "more?"
    assert await rows(one.database, "SELECT question FROM turn ORDER BY id") == [None, "more?"]
    assert await Messages(one.database).count(one.room) == 0


async def test_lanes_of_a_live_replica_are_left_to_it(one: Replica, two: Replica) -> None:
    await one.accept("m1")

    assert await two.take_over() == []


async def test_lanes_of_a_dead_replica_are_taken_over(one: Replica, two: Replica) -> None:
    await one.ask("m1", text="where?")
    await one.accept("m2")

    await one.presence.leave()
    [lease] = await two.take_over()
    turn = await two.turns.resume(lease)

    assert lease == Lease(one.room, "author:U1", two.owner, 2)
    assert turn
    assert (turn.trigger.text, turn.attempts, turn.channel) == ("where?", 2, ROOM)
    assert await unsound(one.database) == []


async def test_lanes_of_a_silent_replica_are_taken_over(one: Replica, two: Replica) -> None:
    await one.accept("m1")
    await rows(one.database, EXPIRE)

    [lease] = await two.take_over()

    assert lease.owner == two.owner


async def test_only_lanes_of_ones_own_platforms_are_taken_over(one: Replica, two: Replica) -> None:
    await one.accept("m1")
    await one.presence.leave()

    others = await two.take_over("slack", "discord")
    ours = await two.take_over("slack", "fake")

    assert others == []
    assert len(ours) == 1


async def test_no_more_lanes_than_asked_for_are_taken_over(one: Replica, two: Replica) -> None:
    for n in range(5):
        await one.accept(f"m{n}", thread=f"t{n}")
    await one.presence.leave()

    taken = [await two.turns.take_over(two.owner, ["fake"], limit=3) for _ in range(3)]

    assert [len(lanes) for lanes in taken] == [3, 2, 0]


async def test_what_was_posted_and_written_is_there_after_a_takeover(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    await one.turns.post(lease, turn, ["p1"])
    await one.turns.post(lease, turn, ["p1", "p2"])
    await one.turns.finish_text(lease, turn, "the whole answer 🐘")
    await one.presence.leave()
    [taken] = await two.take_over()

    resumed = await two.turns.resume(taken)

    assert resumed
    assert (resumed.posted, resumed.text) == (("p1", "p2"), "the whole answer 🐘")


async def test_a_lane_with_nothing_left_is_freed_when_taken_over(
    one: Replica, two: Replica
) -> None:
    await one.accept("m1")
    await Changes(one.database).forget(one.room, [1])
    await one.presence.leave()
    [lease] = await two.take_over()

    assert await two.turns.resume(lease) is None
    assert await rows(one.database, LANES) == [(None, 2)]


@pytest.mark.parametrize("step", ["post", "finish_text", "close", "resume"])
async def test_nothing_can_be_done_in_a_lane_that_was_lost(
    one: Replica, two: Replica, step: str
) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await rows(one.database, EXPIRE)
    await two.take_over()
    before = await rows(one.database, "SELECT * FROM turn ORDER BY id")
    steps = {
        "post": lambda: one.turns.post(lease, turn, ["p1"]),
        "finish_text": lambda: one.turns.finish_text(lease, turn, "late"),
        "close": lambda: one.done(lease, turn),
        "resume": lambda: one.turns.resume(lease),
    }

    with pytest.raises(Fenced, match="author:U1"):
        await steps[step]()

    assert await rows(one.database, "SELECT * FROM turn ORDER BY id") == before
    assert await rows(one.database, LANES) == [(two.owner, 2)]
    assert await said_by_nellie(one.database) == []


async def test_a_lane_that_came_back_is_not_the_one_that_was_lost(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    await rows(one.database, EXPIRE)
    await two.take_over()
    await rows(one.database, EXPIRE)
    [again] = await one.take_over()

    with pytest.raises(Fenced):
        await one.done(lease, turn)

    resumed = await one.turns.resume(again)
    assert resumed
    assert await one.done(again, resumed) is None


async def test_a_cancelled_turn_leaves_no_answer_and_the_next_goes_on(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await one.accept("m3")
    await Changes(one.database).forget(one.room, [1, 2])

    following = await one.done(lease, turn)

    assert following
    assert following.trigger.id == "m3"
    assert await rows(one.database, STATES) == ["cancelled", "cancelled", "running"]
    assert await said_by_nellie(one.database) == []
    assert await unsound(one.database) == []


async def test_the_whole_text_of_a_cancelled_turn_is_not_kept(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await Changes(one.database).forget(one.room, [1])

    await one.turns.finish_text(lease, turn, "your secret was this")

    assert await rows(one.database, "SELECT text FROM turn") == [None]


async def test_closing_again_what_was_closed_goes_on_where_it_was(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await one.accept("m3")
    await one.done(lease, turn)  # committed, but let the answer to it be lost

    following = await one.done(lease, turn)

    assert following
    assert following.trigger.id == "m2"
    assert await said_by_nellie(one.database) == ["to m1"]
    assert await rows(one.database, STATES) == ["done", "running", "waiting"]


async def test_a_lane_of_ones_own_can_be_resumed(one: Replica) -> None:
    lease, turn = await one.ask("m1")

    again = await one.turns.resume(lease)

    assert again
    assert (again.id, again.attempts) == (turn.id, 2)


async def test_an_answer_that_the_platform_echoed_is_remembered_once(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await Messages(one.database).add(one.room, [answer(turn)])

    await one.done(lease, turn)

    assert await said_by_nellie(one.database) == ["to m1"]
    assert await rows(one.database, STATES) == ["done"]

"""Lanes of dead and silent replicas go to the living, and nobody writes in what it lost."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from doubles.replica import Replica
from doubles.sample_messages import ROOM, find_contradictions, rows, wait_until_blocked

from bot.domain.errors import Fenced
from bot.domain.model import Turn
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import lock_channel
from bot.store.turn_actions import TurnActions
from bot.store.turn_outcome import Outcome, ShownWindow
from bot.store.turns import Lease

LANES = "SELECT owner, epoch FROM lane"
EXPIRE = "UPDATE lane SET until = clock_timestamp() - interval '1 second'"


async def test_lanes_of_a_live_replica_are_left_to_it(one: Replica, two: Replica) -> None:
    await one.accept("m1")

    assert await two.take_over() == []


async def test_lanes_of_a_dead_replica_are_taken_over(one: Replica, two: Replica) -> None:
    former, _ = await one.ask("m1", text="where?")
    await one.accept("m2")

    await one.heartbeat.leave()
    [lease] = await two.take_over()
    turn = await two.turns.resume(lease)

    assert (lease.channel_id, lease.lane, lease.owner) == (one.channel_id, "author:U1", two.owner)
    assert lease.epoch > former.epoch
    assert turn
    assert (turn.trigger.text, turn.attempts, turn.channel) == ("where?", 2, ROOM)
    assert await find_contradictions(one.database) == []


async def test_lanes_of_a_silent_replica_are_taken_over(one: Replica, two: Replica) -> None:
    await one.accept("m1")
    await rows(one.database, EXPIRE)

    [lease] = await two.take_over()

    assert lease.owner == two.owner


async def test_a_clock_that_jumps_back_does_not_keep_a_dead_replicas_lanes(
    one: Replica, two: Replica
) -> None:
    await one.accept("m1")
    await rows(one.database, "UPDATE lane SET until = clock_timestamp() + interval '1 day'")

    await one.heartbeat.leave()

    assert len(await two.take_over()) == 1


async def test_a_clock_that_jumps_forward_fences_and_loses_nothing(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    await rows(one.database, EXPIRE)

    [taken] = await two.take_over()
    with pytest.raises(Fenced):
        await one.finish(lease, turn)

    again = await two.turns.resume(taken)
    assert again
    assert await two.finish(taken, again) is None
    assert await find_contradictions(one.database) == []


async def test_only_lanes_of_ones_own_platforms_are_taken_over(one: Replica, two: Replica) -> None:
    await one.accept("m1")
    await one.heartbeat.leave()

    others = await two.take_over("slack", "discord")
    ours = await two.take_over("slack", "fake")

    assert others == []
    assert len(ours) == 1


async def test_no_more_lanes_than_asked_for_are_taken_over(one: Replica, two: Replica) -> None:
    for n in range(5):
        await one.accept(f"m{n}", thread=f"t{n}")
    await one.heartbeat.leave()

    taken = [await two.turns.take_over(two.owner, ["fake"], limit=3) for _ in range(3)]

    assert [len(lanes) for lanes in taken] == [3, 2, 0]


async def test_what_was_posted_and_written_is_there_after_a_takeover(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    await one.turns.keep_posted(lease, replace(turn, posted=("p1",)))
    await one.turns.keep_posted(lease, replace(turn, posted=("p1", "p2")))
    await one.turns.keep_text(lease, replace(turn, posted=("p1", "p2", "p3")), "all of it 🐘")
    await one.heartbeat.leave()
    [taken] = await two.take_over()

    resumed = await two.turns.resume(taken)

    assert resumed
    assert (resumed.posted, resumed.text) == (("p1", "p2", "p3"), "all of it 🐘")


async def test_what_is_posted_is_kept_also_where_the_text_may_not_be(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    forgotten = ShownWindow(epoch=0, forgotten=5, seqs=(), digest=False)
    await one.turns.keep_text(lease, replace(turn, posted=("p1",)), "what it was", forgotten)
    await one.heartbeat.leave()
    [taken] = await two.take_over()

    resumed = await two.turns.resume(taken)

    assert resumed
    assert (resumed.posted, resumed.text) == (("p1",), None)


@pytest.mark.parametrize("state", ["running", "cancelled"])
async def test_the_end_of_a_turn_keeps_what_was_posted_last(one: Replica, state: str) -> None:
    lease, turn = await one.ask("m1")
    await rows(one.database, "UPDATE turn SET state = :state RETURNING id", state=state)

    await one.finish(lease, replace(turn, posted=("p1", "p2")))

    assert await rows(one.database, "SELECT posted FROM turn") == [["p1", "p2"]]


async def test_a_lane_with_nothing_left_is_freed_when_taken_over(
    one: Replica, two: Replica
) -> None:
    await one.accept("m1")
    await MessageEdits(one.database).forget(one.channel_id, [1])
    await one.heartbeat.leave()
    [lease] = await two.take_over()

    assert await two.turns.resume(lease) is None
    assert await rows(one.database, LANES) == []


@pytest.mark.parametrize("step", ["keep_posted", "keep_text", "close", "resume"])
async def test_nothing_can_be_done_in_a_lane_that_was_lost(
    one: Replica, two: Replica, step: str
) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await rows(one.database, EXPIRE)
    [taken] = await two.take_over()
    before = await rows(one.database, "SELECT * FROM turn ORDER BY id")
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "keep_posted": lambda: one.turns.keep_posted(lease, replace(turn, posted=("p1",))),
        "keep_text": lambda: one.turns.keep_text(lease, turn, "late"),
        "close": lambda: one.finish(lease, turn),
        "resume": lambda: one.turns.resume(lease),
    }

    with pytest.raises(Fenced, match="author:U1"):
        await steps[step]()

    assert await rows(one.database, "SELECT * FROM turn ORDER BY id") == before
    assert await rows(one.database, LANES) == [(two.owner, taken.epoch)]
    assert await one.read_answers() == []


async def test_an_end_that_waited_until_its_lane_was_lost_is_none(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")

    async with one.database.begin() as connection:
        await lock_channel(connection, one.channel_id)
        ending = asyncio.create_task(one.finish(lease, turn))
        await wait_until_blocked(one.database)
        ending.cancel()  # Postgres may go on with it all the same
        await asyncio.wait([ending])
        await rows(one.database, EXPIRE)
        [taken] = await two.take_over()

    resumed = await two.turns.resume(taken)
    assert resumed
    assert (resumed.id, resumed.attempts) == (turn.id, 2)
    assert await one.read_answers() == []
    assert await two.finish(taken, resumed) is None
    assert len(await one.read_answers()) == 1


async def test_a_lane_that_came_back_is_not_the_one_that_was_lost(
    one: Replica, two: Replica
) -> None:
    lease, turn = await one.ask("m1")
    await rows(one.database, EXPIRE)
    await two.take_over()
    await rows(one.database, EXPIRE)
    [again] = await one.take_over()

    with pytest.raises(Fenced):
        await one.finish(lease, turn)

    resumed = await one.turns.resume(again)
    assert resumed
    assert await one.finish(again, resumed) is None


async def test_a_lane_of_ones_own_can_be_resumed(one: Replica) -> None:
    lease, turn = await one.ask("m1")

    again = await one.turns.resume(lease)

    assert again
    assert (again.id, again.attempts) == (turn.id, 2)


@pytest.mark.parametrize("thread", ["", "t1"])
async def test_no_lease_is_given_twice_however_a_lane_comes_and_goes(
    one: Replica, two: Replica, thread: str
) -> None:
    actions = TurnActions(one.database, lease=15)

    async def fail(replica: Replica, lease: Lease, turn: Turn) -> None:
        assert await replica.turns.close(lease, turn, Outcome("failed", error="X")) is None

    async def retry(replica: Replica, turn: Turn) -> Lease:
        reopened = await actions.retry(turn.id, owner=replica.owner)
        assert reopened
        assert reopened.lease
        assert await replica.turns.resume(reopened.lease)
        return reopened.lease

    first, turn = await one.ask("m1", thread=thread)
    given = [first]
    for _ in range(2):
        await fail(one, given[-1], turn)
        given.append(await retry(one, turn))
    await rows(one.database, EXPIRE)
    given += await two.take_over()
    assert await two.turns.resume(given[-1])
    for _ in range(3):
        await fail(two, given[-1], turn)
        given.append(await retry(two, turn))
    await fail(two, given[-1], turn)
    for name in ("m2", "m3"):
        lease, turn = await two.ask(name, thread=thread)
        await fail(two, lease, turn)
        given.append(lease)

    epochs = [lease.epoch for lease in given]
    assert epochs == sorted(set(epochs))
    assert await find_contradictions(one.database) == []

"""A replica's sign of life: seen by all, gone with its connection, good for a lease at most."""

import asyncio
from collections.abc import Callable

import pytest
from doubles.sample_messages import ROOM, rows, sample_new_message, wait_until_blocked

from bot.domain.errors import DatabaseUnavailable
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.locks import LockKind
from bot.store.turns import Turns

LIVE = """
    SELECT objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND classid::bigint = :kind
"""
BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = :kind AND objid::bigint = :owner
"""
DIE = "SELECT pg_terminate_backend(pg_backend_pid())"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
UNTIL = "SELECT until FROM lane WHERE owner = :owner"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


Appear = Callable[..., Heartbeat]


async def test_a_replica_is_there_from_registering_to_leaving(
    appear: Appear, database: Database
) -> None:
    heartbeat = appear()
    before = heartbeat.alive()

    await heartbeat.register()
    during, seen = heartbeat.alive(), await rows(database, LIVE, kind=LockKind.HEARTBEAT)
    await heartbeat.leave()

    assert (before, during, heartbeat.alive()) == (False, True, False)
    assert seen == [heartbeat.owner]
    assert await rows(database, LIVE, kind=LockKind.HEARTBEAT) == []


async def test_registering_again_is_a_new_replica(appear: Appear, database: Database) -> None:
    heartbeat = appear()
    await heartbeat.register()
    former = heartbeat.owner

    await heartbeat.register()

    assert heartbeat.owner != former
    assert heartbeat.alive()
    assert await rows(database, LIVE, kind=LockKind.HEARTBEAT) == [heartbeat.owner]


async def test_a_beat_tells_how_many_there_are(appear: Appear) -> None:
    first, second = appear(), appear()
    await first.register()
    assert first.replicas == 1
    await second.register()

    await first.beat()

    assert (first.replicas, second.replicas) == (2, 2)


async def test_a_beat_renews_ones_own_lanes_only(appear: Appear, database: Database) -> None:
    mine, other = appear(), appear()
    room, turns = await Channels(database).id(ROOM), Turns(database, lease=15)
    for name, heartbeat in (("mine", mine), ("other", other)):
        await heartbeat.register()
        question = sample_new_message(name, thread=name)
        await turns.accept(room, question, owner=heartbeat.owner, opens_turn=True)
    before = [await rows(database, UNTIL, owner=one.owner) for one in (mine, other)]

    held = await mine.beat()

    after = [await rows(database, UNTIL, owner=one.owner) for one in (mine, other)]
    assert [lane[:2] for lane in held] == [(room, "thread:mine")]
    assert after[0] > before[0]
    assert after[1] == before[1]


async def test_leases_are_trusted_for_less_than_their_length(appear: Appear) -> None:
    clock = Clock()
    heartbeat = appear(clock=clock)
    await heartbeat.register()

    clock.now += 11.9
    almost = heartbeat.alive()
    clock.now += 0.2

    assert almost
    assert not heartbeat.alive()


async def test_a_beat_in_time_keeps_a_replica_alive(appear: Appear) -> None:
    clock = Clock()
    heartbeat = appear(clock=clock)
    await heartbeat.register()

    for _ in range(3):
        clock.now += 5
        await heartbeat.beat()

    assert heartbeat.alive()


async def test_who_stood_still_beyond_its_lease_cannot_renew_it(
    appear: Appear, database: Database
) -> None:
    clock = Clock()
    heartbeat = appear(clock=clock)
    await heartbeat.register()
    room = await Channels(database).id(ROOM)
    question = sample_new_message("m1")
    await Turns(database, lease=15).accept(room, question, owner=heartbeat.owner, opens_turn=True)
    before = await rows(database, UNTIL, owner=heartbeat.owner)
    clock.now += 20

    with pytest.raises(DatabaseUnavailable, match="stood still"):
        await heartbeat.beat()

    clock.now -= 20
    assert not heartbeat.alive()
    assert await rows(database, UNTIL, owner=heartbeat.owner) == before


async def test_a_beat_that_took_too_long_does_not_count(appear: Appear, database: Database) -> None:
    clock = Clock()
    heartbeat = appear(clock=clock)
    await heartbeat.register()
    room = await Channels(database).id(ROOM)
    question = sample_new_message("m1")
    await Turns(database, lease=15).accept(room, question, owner=heartbeat.owner, opens_turn=True)

    async with database.begin() as connection:
        await connection.exec_driver_sql("SELECT FROM lane FOR UPDATE")
        beating = asyncio.create_task(heartbeat.beat())
        await wait_until_blocked(database)
        clock.now += 13

    with pytest.raises(DatabaseUnavailable, match="stood still"):
        await beating
    assert not heartbeat.alive()


async def test_leaving_does_not_harm_the_next_registration(appear: Appear) -> None:
    heartbeat = appear()
    for _ in range(5):
        await heartbeat.register()

    await heartbeat.wait_until_broken(0.05)

    assert heartbeat.alive()

"""A replica's sign of life: seen by all, gone with its line, and never good beyond a lease."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from doubles.said import ROOM, blocked, rows, stored
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import DatabaseUnavailable
from bot.store import database as module
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.presence import PRESENCE, Presence
from bot.store.turns import Turns

LIVE = """
    SELECT objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND classid::bigint = :kind
"""
BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = :kind AND objid::bigint = :owner
"""
UNTIL = "SELECT until FROM lane WHERE owner = :owner"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


Appear = Callable[..., Presence]


@pytest.fixture
async def appear(database: Database) -> AsyncIterator[Appear]:
    """Make replicas that leave at the end of the test."""
    made = []

    def appear(**more: Clock) -> Presence:
        made.append(Presence(database, lease=15, **more))
        return made[-1]

    yield appear
    for one in made:
        await one.leave()


async def test_a_replica_is_there_from_registering_to_leaving(
    appear: Appear, database: Database
) -> None:
    presence = appear()
    before = presence.alive()

    await presence.register()
    during, seen = presence.alive(), await rows(database, LIVE, kind=PRESENCE)
    await presence.leave()

    assert (before, during, presence.alive()) == (False, True, False)
    assert seen == [presence.owner]
    assert await rows(database, LIVE, kind=PRESENCE) == []


async def test_registering_again_is_a_new_replica(appear: Appear, database: Database) -> None:
    presence = appear()
    await presence.register()
    former = presence.owner

    await presence.register()

    assert presence.owner != former
    assert presence.alive()
    assert await rows(database, LIVE, kind=PRESENCE) == [presence.owner]


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
    for name, presence in (("mine", mine), ("other", other)):
        await presence.register()
        question = stored(name, thread=name)
        await turns.accept(room, question, owner=presence.owner, owed=True)
    before = [await rows(database, UNTIL, owner=one.owner) for one in (mine, other)]

    held = await mine.beat()

    after = [await rows(database, UNTIL, owner=one.owner) for one in (mine, other)]
    assert held == [(room, "thread:mine", 1)]
    assert after[0] > before[0]
    assert after[1] == before[1]


async def test_leases_are_trusted_for_less_than_their_length(appear: Appear) -> None:
    clock = Clock()
    presence = appear(clock=clock)
    await presence.register()

    clock.now += 11.9
    almost = presence.alive()
    clock.now += 0.2

    assert almost
    assert not presence.alive()


async def test_a_beat_in_time_keeps_a_replica_alive(appear: Appear) -> None:
    clock = Clock()
    presence = appear(clock=clock)
    await presence.register()

    for _ in range(3):
        clock.now += 5
        await presence.beat()

    assert presence.alive()


async def test_who_stood_still_beyond_its_lease_cannot_renew_it(
    appear: Appear, database: Database
) -> None:
    clock = Clock()
    presence = appear(clock=clock)
    await presence.register()
    room = await Channels(database).id(ROOM)
    question = stored("m1")
    await Turns(database, lease=15).accept(room, question, owner=presence.owner, owed=True)
    before = await rows(database, UNTIL, owner=presence.owner)
    clock.now += 20

    with pytest.raises(DatabaseUnavailable, match="stood still"):
        await presence.beat()

    clock.now -= 20
    assert not presence.alive()
    assert await rows(database, UNTIL, owner=presence.owner) == before


async def test_a_beat_that_took_too_long_does_not_count(appear: Appear, database: Database) -> None:
    clock = Clock()
    presence = appear(clock=clock)
    await presence.register()
    room = await Channels(database).id(ROOM)
    question = stored("m1")
    await Turns(database, lease=15).accept(room, question, owner=presence.owner, owed=True)

    async with database.begin() as connection:
        await connection.exec_driver_sql("SELECT FROM lane FOR UPDATE")
        beating = asyncio.create_task(presence.beat())
        await blocked(database)
        clock.now += 13

    with pytest.raises(DatabaseUnavailable, match="stood still"):
        await beating
    assert not presence.alive()


async def test_a_broken_line_is_noticed_at_once(appear: Appear, database: Database) -> None:
    presence = appear()
    await presence.register()

    await rows(database, BREAK, kind=PRESENCE, owner=presence.owner)
    await presence.rest(600)

    assert not presence.alive()
    with pytest.raises(DatabaseUnavailable):
        await presence.beat()


async def test_a_broken_line_is_replaced(appear: Appear, database: Database) -> None:
    presence = appear()
    await presence.register()
    await rows(database, BREAK, kind=PRESENCE, owner=presence.owner)
    await presence.rest(600)

    await presence.register()

    assert presence.alive()
    assert await presence.beat() == []


async def test_leaving_does_not_harm_the_next_registration(appear: Appear) -> None:
    presence = appear()
    for _ in range(5):
        await presence.register()

    await presence.rest(0.05)

    assert presence.alive()


async def test_a_registration_that_fails_leaves_nothing_behind(
    appear: Appear, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence = appear()
    monkeypatch.setattr("bot.store.presence.PRESENCE", 2**40)  # a kind that Postgres refuses

    with pytest.raises(Exception, match="out of int32 range"):
        await presence.register()

    assert not presence.alive()
    assert _out(database.engine) == 0


async def test_a_transaction_that_stands_still_does_not_hold_up_the_others(
    address: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await Channels(database).id(ROOM)
    monkeypatch.setattr(module, "FROZEN", 100)
    frozen = Database(address)

    async def freeze() -> None:
        async with frozen.begin() as connection:
            await connection.exec_driver_sql("SELECT FROM channel FOR UPDATE")
            await Turns(database, lease=15).accept(room, stored("m1"), owner=1, owed=True)

    with pytest.raises(DatabaseUnavailable):
        await freeze()

    assert await rows(database, "SELECT count(*) FROM message") == [1]
    await frozen.close()


def _out(engine: AsyncEngine) -> int:
    """Connections that somebody has not given back."""
    return engine.pool.checkedout()  # type: ignore[attr-defined,no-any-return]  # a queue's

"""Locks: one replica at a time, released with their connection, and no burden to the pool."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from doubles.sample_messages import rows

from bot.domain.errors import DatabaseUnavailable
from bot.store import locks as module
from bot.store.database import Database
from bot.store.locks import MIGRATION_LOCK, LockKind, Locks

HELD = """
    SELECT classid::int, objid::int FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND granted
    ORDER BY classid, objid
"""
BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory'
"""
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
COMPACTION, BACKFILL = LockKind.COMPACTION, LockKind.BACKFILL


@pytest.fixture
async def ours(database: Database) -> AsyncIterator[Locks]:
    locks = Locks(database)
    yield locks
    await locks.close()


@pytest.fixture
async def theirs(database: Database) -> AsyncIterator[Locks]:
    """Another replica's."""
    locks = Locks(database)
    yield locks
    await locks.close()


async def break_connection(database: Database) -> None:
    """Return once the session that held locks has ended."""
    await rows(database, BREAK)
    while await rows(database, HELD):  # noqa: ASYNC110  # it happens in Postgres
        await asyncio.sleep(0.01)


async def held_lock(locks: Locks, key: int = 7) -> bool:
    """Whether the lock could be had just now; it is released again."""
    async with locks.holding(COMPACTION, key) as alone:
        return alone


async def test_a_lock_is_held_by_one_at_a_time(ours: Locks) -> None:
    async with ours.holding(COMPACTION, 7) as first, ours.holding(COMPACTION, 7) as second:
        assert (first, second) == (True, False)
        assert not await held_lock(ours)  # the second one has released nothing

    assert await held_lock(ours)


async def test_a_lock_is_held_by_one_replica_at_a_time(ours: Locks, theirs: Locks) -> None:
    async with ours.holding(COMPACTION, 7) as first, theirs.holding(COMPACTION, 7) as second:
        assert (first, second) == (True, False)

    assert await held_lock(theirs)


async def test_a_lock_is_released_when_the_work_fails(ours: Locks, theirs: Locks) -> None:
    with pytest.raises(RuntimeError):
        async with ours.holding(COMPACTION, 7):
            raise RuntimeError("a fault of ours")

    assert await held_lock(theirs)


async def test_kinds_and_channels_do_not_hinder_each_other(ours: Locks, theirs: Locks) -> None:
    async with (
        ours.holding(COMPACTION, 7) as compacts,
        theirs.holding(BACKFILL, 7) as reads,
        ours.holding(COMPACTION, 8) as compacts_another,
    ):
        assert (compacts, reads, compacts_another) == (True, True, True)


async def test_channels_beyond_31_bits_can_be_locked(ours: Locks) -> None:
    assert await held_lock(ours, 2**40 + 7)


async def test_locks_hold_one_connection_and_none_of_the_pool(
    database: Database, ours: Locks
) -> None:
    before = await rows(database, SESSIONS)

    async with ours.holding(COMPACTION, 7), ours.holding(COMPACTION, 8), ours.holding(BACKFILL, 7):
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue's
        assert await rows(database, SESSIONS) == [before[0] + 1]


async def test_a_full_pool_does_not_hinder_a_lock(address: str) -> None:
    database = Database(address, pool=1)
    locks = Locks(database)

    async with database.begin(), asyncio.timeout(5):
        assert await held_lock(locks)

    await locks.close()
    await database.close()


async def test_a_lock_goes_with_its_connection(
    database: Database, ours: Locks, theirs: Locks
) -> None:
    async with ours.holding(COMPACTION, 7) as first:
        await break_connection(database)

        async with theirs.holding(COMPACTION, 7) as second:
            assert (first, second) == (True, True)
            assert not await held_lock(ours)  # it still works under it

    assert await held_lock(ours)


async def test_who_lost_a_lock_does_not_release_it_for_another(
    database: Database, ours: Locks, theirs: Locks
) -> None:
    async with theirs.holding(COMPACTION, 7):
        async with ours.holding(COMPACTION, 8):
            await break_connection(database)
            async with theirs.holding(COMPACTION, 8) as alone:
                assert alone
                assert await held_lock(ours, 9)  # on a new connection
                assert await rows(database, HELD) == [(COMPACTION, 8)]
        assert await rows(database, HELD) == []


async def test_a_connection_that_broke_while_nothing_was_locked_is_replaced(
    database: Database, ours: Locks
) -> None:
    async with ours.holding(COMPACTION, 7):
        await break_connection(database)

    assert await held_lock(ours)


async def test_a_connection_that_breaks_at_work_is_a_database_that_is_away(
    database: Database, ours: Locks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ours.holding(COMPACTION, 7):
        dies = sa.text(
            "SELECT pg_terminate_backend(pg_backend_pid()), CAST(:kind AS int), CAST(:key AS int)"
        )
        with monkeypatch.context() as patch:
            patch.setattr(module._SQL, "try_lock", dies)
            with pytest.raises(DatabaseUnavailable):
                await held_lock(ours, 8)

        assert await rows(database, HELD) == []
        assert await held_lock(ours, 8)


async def test_a_database_that_is_away_has_a_name() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    locks = Locks(database)

    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
            await held_lock(locks)

    await locks.close()
    await database.close()


async def test_who_is_cancelled_while_it_waits_holds_nothing(
    database: Database, ours: Locks, theirs: Locks, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = str(module._SQL.try_lock) + " FROM pg_sleep(0.3)"
    monkeypatch.setattr(module._SQL, "try_lock", sa.text(slow))
    async with ours.holding(COMPACTION, 8):
        waiting = asyncio.create_task(held_lock(ours))
        await asyncio.sleep(0.1)

        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

        assert await rows(database, HELD) == [(COMPACTION, 8)]  # and loses nothing for others
    assert await held_lock(ours)
    assert await held_lock(theirs)


async def test_who_is_cancelled_twice_while_it_waits_holds_nothing(
    database: Database, ours: Locks, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = str(module._SQL.try_lock) + " FROM pg_sleep(0.3)"
    with monkeypatch.context() as patch:
        patch.setattr(module._SQL, "try_lock", sa.text(slow))
        waiting = asyncio.create_task(held_lock(ours))
        for _ in range(2):
            await asyncio.sleep(0.1)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert await held_lock(ours)
    assert await rows(database, HELD) == []


async def test_who_is_cancelled_at_work_holds_nothing(database: Database, ours: Locks) -> None:
    async def work() -> None:
        async with ours.holding(COMPACTION, 7):
            began.set()
            await asyncio.Event().wait()

    began = asyncio.Event()
    working = asyncio.create_task(work())
    await began.wait()

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert await rows(database, HELD) == []
    assert await held_lock(ours)


async def test_closing_releases_everything(database: Database, ours: Locks) -> None:
    async with ours.holding(COMPACTION, 7), ours.holding(BACKFILL, 7):
        await ours.close()
        while await rows(database, HELD):  # noqa: ASYNC110  # it happens in Postgres
            await asyncio.sleep(0.01)

    await ours.close()


def test_replicas_of_different_versions_share_these_numbers() -> None:
    assert MIGRATION_LOCK == 0x4E454C4C
    assert {kind.name: kind.value for kind in LockKind} == {
        "HEARTBEAT": 77,
        "COMPACTION": 78,
        "EMBEDDING": 79,
        "BACKFILL": 80,
        "REVIEW": 81,
        "QUOTAS": 82,
        "RULE": 83,
    }

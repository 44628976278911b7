"""The connection of a heartbeat: seen to break at once, replaced, and never left behind."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from doubles.sample_messages import rows
from sqlalchemy.exc import ProgrammingError

from bot.domain.errors import DatabaseUnavailable
from bot.store import heartbeat as heartbeat_module
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.locks import LockKind

BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = :kind AND objid::bigint = :owner
"""
DIE = "SELECT pg_terminate_backend(pg_backend_pid())"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"

Appear = Callable[..., Heartbeat]


async def test_a_broken_connection_is_noticed_at_once(appear: Appear, database: Database) -> None:
    heartbeat = appear()
    await heartbeat.register()

    await rows(database, BREAK, kind=LockKind.HEARTBEAT, owner=heartbeat.owner)
    await heartbeat.wait_until_broken(600)

    assert not heartbeat.alive()
    with pytest.raises(DatabaseUnavailable):
        await heartbeat.beat()


async def test_a_connection_that_breaks_during_a_beat_is_a_database_that_is_away(
    appear: Appear, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat = appear()
    await heartbeat.register()
    dies = sa.text(f"{DIE}, CAST(:owner AS bigint), CAST(:lease AS float8)")
    monkeypatch.setattr(heartbeat_module._SQL, "renew_leases", dies)

    with pytest.raises(DatabaseUnavailable):
        await heartbeat.beat()

    assert not heartbeat.alive()
    monkeypatch.undo()
    with pytest.raises(DatabaseUnavailable):
        await heartbeat.beat()
    await heartbeat.register()
    assert await heartbeat.beat() == []


async def test_a_connection_that_breaks_while_it_registers_is_a_database_that_is_away(
    appear: Appear, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat = appear()
    dies = sa.text(f"{DIE}, CAST(:kind AS int), CAST(:owner AS int)")
    monkeypatch.setattr(heartbeat_module._SQL, "lock", dies)
    before = await rows(database, SESSIONS)

    with pytest.raises(DatabaseUnavailable):
        await heartbeat.register()

    assert not heartbeat.alive()
    assert await rows(database, SESSIONS) == before


async def test_a_statement_that_is_wrong_is_no_database_that_is_away(
    appear: Appear, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat = appear()
    await heartbeat.register()
    monkeypatch.setattr(heartbeat_module._SQL, "renew_leases", sa.text("SELECT nonsense"))

    with pytest.raises(ProgrammingError, match="nonsense"):
        await heartbeat.beat()

    assert not heartbeat.alive()


async def test_a_broken_connection_is_replaced(appear: Appear, database: Database) -> None:
    heartbeat = appear()
    await heartbeat.register()
    await rows(database, BREAK, kind=LockKind.HEARTBEAT, owner=heartbeat.owner)
    await heartbeat.wait_until_broken(600)

    await heartbeat.register()

    assert heartbeat.alive()
    assert await heartbeat.beat() == []


async def test_a_registration_that_fails_leaves_nothing_behind(
    appear: Appear, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat = appear()
    before = await rows(database, SESSIONS)
    refused = SimpleNamespace(HEARTBEAT=2**40)  # a kind that Postgres refuses
    monkeypatch.setattr("bot.store.heartbeat.LockKind", refused)

    with pytest.raises(Exception, match="out of int32 range"):
        await heartbeat.register()

    assert not heartbeat.alive()
    assert await rows(database, SESSIONS) == before

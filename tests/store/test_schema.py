"""Migrations: raced, cut off, met by older and newer versions, and on tables that are in use."""

import asyncio
import time

import pytest
import sqlalchemy as sa
from alembic import command
from doubles.replica import Replica
from doubles.sample_messages import ROOM, rows, run, value

from bot.domain.errors import DatabaseUnavailable, SettingsError
from bot.store import schema
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.turn_outcome import Outcome
from bot.store.turns import Lease

OPEN_TURNS = """
    INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, text,
                         said_at, thread, reply_to, link, addressed, tokens, deleted)
    VALUES ({room}, 1, 'm1', 'U1', 'Ana', false, 'where?', now(), 't1', '', '', true, 5, false),
           ({room}, 2, 'm2', '', '', false, '', now(), 't1', '', '', true, 0, true);
    UPDATE channel SET seq = 2, window_tokens = 5;
    INSERT INTO lane VALUES ({room}, 'thread:t1', {owner}, 1, now() + interval '1 minute');
    INSERT INTO turn (channel_id, lane, trigger_seq, state, attempts, question)
    VALUES ({room}, 'thread:t1', 1, 'running', 1, NULL),
           ({room}, 'thread:t1', 2, 'waiting', 0, 'why?')
"""


async def downgrade(database: Database, revision: str) -> None:
    """The tables as they were at a revision."""
    async with database.begin() as connection:
        await connection.run_sync(
            lambda sync: command.downgrade(schema.configuration(sync), revision)
        )


async def test_the_tables_are_those_of_the_models(database: Database) -> None:
    async with database.begin() as connection:
        await connection.run_sync(lambda sync: command.check(schema.configuration(sync)))


async def test_migrating_twice_at_once_is_fine(database: Database) -> None:
    await asyncio.gather(schema.migrate(database), schema.migrate(database))


async def test_a_busy_machine_may_take_long_to_load_the_migrations(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await downgrade(database, "0027")
    upgrade = schema._upgrade

    def late(connection: sa.Connection, revision: str) -> None:
        time.sleep(0.5)
        upgrade(connection, revision)

    monkeypatch.setattr("bot.store.database.FROZEN", 100)
    monkeypatch.setattr(schema, "_upgrade", late)
    hasty = Database(database.url)
    await schema.migrate(hasty)
    await hasty.close()

    assert await schema.is_migrated(database, print)


async def test_a_migration_that_is_cut_off_leaves_the_tables_as_they_were(
    database: Database,
) -> None:
    before = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"
    await downgrade(database, "0002")
    columns = await value(database, before)

    async with database.begin() as holder:  # the migration has to wait for it, half-way
        await holder.execute(sa.text("LOCK TABLE turn"))
        migrating = asyncio.create_task(schema.migrate(database))
        waits = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
        while not (pid := await value(database, waits)):  # noqa: ASYNC110  # a database
            await asyncio.sleep(0.02)
        await value(database, f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(DatabaseUnavailable):
            await migrating

    assert await value(database, "SELECT version_num FROM alembic_version") == "0002"
    assert await value(database, before) == columns
    await schema.migrate(database)
    assert await value(database, before) != columns


async def test_an_older_version_works_on_newer_tables_and_says_so(one: Replica) -> None:
    said: list[str] = []
    await run(
        one.database,
        "ALTER TABLE message ADD COLUMN mood text",
        "CREATE TABLE weather (day date)",
        "UPDATE alembic_version SET version_num = '0999'",
    )

    await schema.migrate(one.database, said.append)

    assert len(said) == 1
    assert "its tables are of a newer Nellie (0999; this one knows " in said[0]
    lease, turn = await one.ask("m1")
    assert await one.finish(lease, turn) is None


async def test_what_an_older_version_stores_beside_a_newer_one_mentions_nobody(
    one: Replica,
) -> None:
    await run(one.database, *OPEN_TURNS.format(room=one.channel_id, owner=one.owner).split(";"))

    found = await Messages(one.database).get(ROOM, one.channel_id, [1])

    assert [(message.text, message.mentions) for message in found] == [("where?", ())]


async def test_tables_of_another_line_are_refused_in_words(database: Database) -> None:
    await run(database, "UPDATE alembic_version SET version_num = '1000'")

    with pytest.raises(SettingsError, match=r"newer Nellie \(1000; .*\): update this one"):
        await schema.migrate(database)


async def test_open_turns_go_on_when_a_turn_learns_more_of_its_question(one: Replica) -> None:
    await downgrade(one.database, "0006")
    await run(one.database, *OPEN_TURNS.format(room=one.channel_id, owner=one.owner).split(";"))

    await schema.migrate(one.database)

    known = "SELECT private, remembered, asker_id, asker_name, mentions FROM turn ORDER BY id"
    assert await rows(one.database, known) == [
        (False, True, "", "", []),
        (False, False, "", "", []),
    ]
    lease = Lease(one.channel_id, "thread:t1", one.owner, 1)
    first = await one.turns.resume(lease)
    assert first
    assert (first.trigger.text, first.asker.id, first.remembered) == ("where?", "U1", True)
    second = await one.finish(lease, first)
    assert second
    assert (second.trigger.text, second.asker.id, second.remembered) == ("why?", "", False)
    assert await one.turns.close(lease, second, Outcome("done")) is None

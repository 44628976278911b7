"""The connections of what every answer runs: kept while they are whole, and never shared."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
import sqlalchemy as sa
from doubles.sample_messages import rows, run

from bot.domain.errors import DatabaseBusy, DatabaseUnavailable, Fenced
from bot.store import database as database_module
from bot.store import error_mapping
from bot.store.database import COLD, Database
from bot.store.locked_statements import LockedStatement

SESSION = sa.text("SELECT pg_backend_pid() AS session")
SLEEP = sa.text("SELECT pg_sleep(:seconds)")
SUM = sa.text("SELECT CAST(:one AS int) + CAST(:two AS int) AS sum, CAST(:one AS int) AS one")
DIVIDE = sa.text("SELECT 1 / CAST(:by AS int)")
LOCK = sa.text("SELECT FROM channel WHERE id = :channel FOR UPDATE")
ADD = sa.text(
    "INSERT INTO channel (platform, workspace, external_id, name, direct)"
    " VALUES ('fake', '', :name, :name, false) RETURNING id"
)
COUNT = "SELECT count(*) FROM channel"
COPY = LockedStatement(
    "copy_channel",
    (LOCK, sa.text("SELECT 1 FROM channel WHERE name = CAST(:name AS text)")),
    sa.text(
        "WITH counted AS (SELECT count(*) AS number FROM channel), copied AS ("
        "    INSERT INTO channel (platform, workspace, external_id, name, direct)"
        "    SELECT platform, workspace, name || number, name || number, direct"
        "    FROM channel, counted WHERE id = :channel"
        ") SELECT number, CAST(:name AS text) AS name, ARRAY['a', 'b'] AS name,"
        " '{\"a\": 1}'::jsonb AS json, NULL::timestamptz AS at FROM counted"
    ),
)


async def session(database: Database) -> int:
    [row] = await database.fetch(SESSION, {})
    return int(row.session)


async def test_rows_have_their_columns_as_attributes(database: Database) -> None:
    [row] = await database.fetch(SUM, {"one": 3, "two": 4})

    assert (row.sum, row.one, tuple(row[:1])) == (7, 3, (7,))
    with pytest.raises(AttributeError, match="two"):
        _ = row.two


async def test_one_after_another_have_one_connection(database: Database) -> None:
    assert len({await session(database) for _ in range(5)}) == 1


async def test_those_at_once_have_one_each(database: Database) -> None:
    await asyncio.gather(*(database.fetch(SLEEP, {"seconds": 0.05}) for _ in range(3)))
    sessions = await asyncio.gather(*(session(database) for _ in range(3)))

    assert len(set(sessions)) == 3


async def busy_at_once(database: Database, number: int) -> set[int]:
    await asyncio.gather(*(database.fetch(SLEEP, {"seconds": 0.05}) for _ in range(number)))
    return set(await asyncio.gather(*(session(database) for _ in range(number))))


async def open_sessions(database: Database, sessions: set[int]) -> int:
    [number] = await rows(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(CAST(:sessions AS int[]))",
        sessions=list(sessions),
    )
    return int(number)


async def until_open(database: Database, sessions: set[int], number: int) -> None:
    async with asyncio.timeout(5):
        while await open_sessions(database, sessions) != number:  # noqa: ASYNC110  # Postgres' own
            await asyncio.sleep(0.01)


async def test_those_that_nobody_needs_are_closed_but_for_the_last(database: Database) -> None:
    sessions = await busy_at_once(database, 3)

    await database.rest()
    assert await open_sessions(database, sessions) == 3  # until now they were needed
    await database.rest()

    await until_open(database, sessions, 1)
    assert await session(database) in sessions
    assert len(await busy_at_once(database, 3)) == 3


@pytest.fixture
async def patient(address: str) -> AsyncIterator[Database]:
    """A database whose answers wait for a connection that is in use."""
    opened = Database(address, patience=0.3)
    yield opened
    await opened.close()


async def test_who_is_patient_waits_for_one_that_is_soon_given_back(patient: Database) -> None:
    await session(patient)

    found = await asyncio.gather(*(session(patient) for _ in range(20)))

    assert len(set(found)) == 1


async def test_another_is_opened_where_one_is_in_use_for_long(patient: Database) -> None:
    first = await session(patient)
    slow = asyncio.create_task(patient.fetch(SLEEP, {"seconds": 3}))
    await asyncio.sleep(0)

    found = await asyncio.wait_for(asyncio.gather(*(session(patient) for _ in range(5))), 2.9)

    assert first not in found
    await slow


@pytest.mark.parametrize("waiting", ["still", "no longer"])
async def test_one_that_is_given_to_who_has_gone_serves_the_next(
    patient: Database, waiting: str
) -> None:
    """Cancelled while it waits, and in the moment in which it is given one."""
    first = await session(patient)
    slow = asyncio.create_task(patient.fetch(SLEEP, {"seconds": 0.1}))
    await asyncio.sleep(0)
    gone = asyncio.create_task(session(patient))
    if waiting == "still":
        asyncio.get_running_loop().call_later(0.05, gone.cancel)
    else:
        slow.add_done_callback(lambda _: gone.cancel())

    with pytest.raises(asyncio.CancelledError):
        await gone

    await slow
    assert await asyncio.gather(*(session(patient) for _ in range(8))) == [first] * 8


async def test_as_many_stay_as_are_needed_at_once(database: Database) -> None:
    sessions = await busy_at_once(database, 4)
    await database.rest()

    await busy_at_once(database, 2)
    await database.rest()

    await until_open(database, sessions, 2)


async def test_one_that_was_cut_meanwhile_is_no_trouble(database: Database) -> None:
    sessions = await busy_at_once(database, 3)
    await database.rest()
    for one in sessions:
        await rows(database, f"SELECT pg_terminate_backend({one})")

    await database.rest()

    with suppress(DatabaseUnavailable):  # the last one's end was not heard of yet
        await session(database)
    assert len(await busy_at_once(database, 3) - sessions) == 3


async def test_a_faulty_statement_costs_no_connection(database: Database) -> None:
    before = await session(database)

    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.fetch(DIVIDE, {"by": 0})

    assert await session(database) == before


async def test_a_connection_that_was_cut_is_replaced(database: Database) -> None:
    before = await session(database)
    await rows(database, f"SELECT pg_terminate_backend({before})")

    async with asyncio.timeout(5):
        while True:
            try:
                assert await session(database) != before
                break
            except DatabaseUnavailable:  # it was not heard of yet
                continue


async def test_a_statement_that_was_given_up_leaves_its_connection_to_nobody(
    database: Database,
) -> None:
    before = await session(database)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await database.fetch(SLEEP, {"seconds": 30})

    assert await session(database) != before


async def test_who_waits_too_long_hears_that_all_are_in_use(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (database_module, error_mapping):
        monkeypatch.setattr(module, "POOL_TIMEOUT", 0.05)
    database = Database(address, pool=COLD + 1)
    async with asyncio.TaskGroup() as group:
        busy = group.create_task(database.fetch(SLEEP, {"seconds": 0.5}))
        await asyncio.sleep(0)
        with pytest.raises(DatabaseBusy):
            await session(database)
        await busy

    assert await session(database)
    await database.close()


@pytest.mark.parametrize("pool", [1, COLD, COLD + 1])
async def test_a_pool_of_any_size_serves_both_kinds_of_statements(address: str, pool: int) -> None:
    database = Database(address, pool=pool)

    for _ in range(3):
        assert await session(database)
        async with database.begin() as connection:
            assert await connection.scalar(SESSION)
    await database.close()

    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue's


async def test_what_stands_behind_a_lock_sees_what_was_committed_before_it_was_granted(
    database: Database,
) -> None:
    [(channel,)] = await database.fetch(ADD, {"name": "a"})
    count = sa.text(COUNT)

    async def count_behind_lock() -> int:
        async with database.locked(LOCK, channel=channel) as fetch:
            [(number,)] = await fetch(count, {})
            return int(number)

    async with database.begin() as connection:
        await connection.execute(LOCK, {"channel": channel})
        waiting = asyncio.create_task(count_behind_lock())
        await _wait_for_a_lock(database)
        await connection.execute(ADD, {"name": "b"})

    assert await waiting == 2


@pytest.mark.parametrize("error", [Fenced(lane="thread:1"), KeyError("no row"), ValueError("x")])
async def test_what_breaks_off_behind_a_lock_has_changed_nothing(
    database: Database, error: Exception
) -> None:
    async def break_off() -> None:
        async with database.locked(LOCK, channel=1) as fetch:
            await fetch(ADD, {"name": "lost"})
            raise error

    with pytest.raises(type(error)):
        await break_off()

    assert await rows(database, COUNT) == [0]
    async with database.locked(LOCK, channel=1) as fetch:
        await fetch(ADD, {"name": "kept"})
    assert await rows(database, COUNT) == [1]


async def test_a_statement_that_fails_behind_a_lock_undoes_what_came_before(
    database: Database,
) -> None:
    async def add_twice() -> None:
        async with database.locked(LOCK, channel=1) as fetch:
            await fetch(ADD, {"name": "twice"})
            await fetch(ADD, {"name": "twice"})

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_twice()

    assert await rows(database, COUNT) == [0]
    assert await session(database)


@pytest.fixture(params=["a function", "a small pool", "no rights"])
async def copying(
    request: pytest.FixtureRequest, address: str, database: Database
) -> AsyncIterator[Database]:
    """A database on which a locked statement is one round trip, or cannot be."""
    pool = COLD if request.param == "a small pool" else COLD + 3
    role, [name] = "may_make_nothing", await rows(database, "SELECT current_database()")
    if request.param == "no rights":
        await run(
            database,
            f"CREATE ROLE {role} LOGIN",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
        )
        address = address.replace("//postgres@", f"//{role}@")
    opened = Database(address, pool=pool)
    yield opened
    await opened.close()
    if request.param == "no rights":
        await run(
            database,
            f"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC",
            f"DROP OWNED BY {role}",
            f"DROP ROLE {role}",
        )


async def test_a_statement_behind_locks_sees_what_was_committed_before_they_were_granted(
    copying: Database,
) -> None:
    [(channel,)] = await copying.fetch(ADD, {"name": "a"})
    values = {"channel": channel, "name": "a"}
    await copying.fetch_locked(COPY, values)

    async with copying.begin() as connection:
        await connection.execute(LOCK, {"channel": channel})
        waiting = asyncio.create_task(copying.fetch_locked(COPY, values))
        await _wait_for_a_lock(copying)
        await connection.execute(ADD, {"name": "b"})

    [row] = await waiting
    assert (row.number, tuple(row)) == (3, (3, "a", ["a", "b"], {"a": 1}, None))
    assert await rows(copying, "SELECT name FROM channel ORDER BY id") == ["a", "a1", "b", "a3"]


@pytest.mark.parametrize("missing", [{"channel": 0}, {"name": "z"}])
async def test_it_does_not_run_where_one_of_its_locks_finds_nothing(
    copying: Database, missing: dict[str, object]
) -> None:
    [(channel,)] = await copying.fetch(ADD, {"name": "a"})

    assert await copying.fetch_locked(COPY, {"channel": channel, "name": "a"} | missing) == []

    assert await rows(copying, COUNT) == [1]
    assert await copying.fetch_locked(COPY, {"channel": channel, "name": "a"})


async def test_one_that_fails_has_changed_nothing_and_costs_no_connection(
    copying: Database,
) -> None:
    [(channel,)] = await copying.fetch(ADD, {"name": "a"})
    await copying.fetch(ADD, {"name": "a2"})

    for _ in range(2):
        with pytest.raises(asyncpg.UniqueViolationError):
            await copying.fetch_locked(COPY, {"channel": channel, "name": "a"})

    assert await rows(copying, COUNT) == [2]
    assert copying.engine.pool.checkedout() <= 1  # type: ignore[attr-defined]  # a queue's


async def test_one_that_is_given_up_while_it_waits_leaves_its_connection_to_nobody(
    copying: Database,
) -> None:
    [(channel,)] = await copying.fetch(ADD, {"name": "a"})
    before = await session(copying)

    async with copying.begin() as connection:
        await connection.execute(LOCK, {"channel": channel})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await copying.fetch_locked(COPY, {"channel": channel, "name": "a"})

        assert await session(copying) != before


async def test_its_function_is_made_once_on_a_connection_and_gone_with_it(
    database: Database,
) -> None:
    [(channel,)] = await database.fetch(ADD, {"name": "a"})
    made = sa.text("SELECT oid, pg_backend_pid() FROM pg_proc WHERE proname = 'copy_channel'")
    seen = set()

    for _ in range(3):
        await database.fetch_locked(COPY, {"channel": channel, "name": "a"})
        seen |= {tuple(row) for row in await database.fetch(made, {})}
    [(oid, session)] = seen
    await rows(database, f"SELECT pg_terminate_backend({session})")
    while oid in await rows(database, made.text):  # noqa: ASYNC110  # it happens in Postgres
        await asyncio.sleep(0.01)


async def _wait_for_a_lock(database: Database) -> None:
    """Return once somebody waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while await rows(database, waiting) == [0]:  # noqa: ASYNC110  # it happens in Postgres
        await asyncio.sleep(0.01)


async def test_a_plan_made_while_a_table_was_empty_serves_when_it_has_grown(
    database: Database,
) -> None:
    async with database.autocommit() as connection:  # as autovacuum does at some time
        await connection.execute(sa.text("VACUUM ANALYZE turn"))
    [row] = await database.fetch(sa.text("EXPLAIN (FORMAT JSON) SELECT FROM turn WHERE id = 1"), {})

    assert "Seq Scan" not in row[0]


async def test_a_statement_is_planned_once_in_a_connections_life(database: Database) -> None:
    for number in range(3):
        await database.fetch(SUM, {"one": number, "two": number})
    [row] = await database.fetch(
        sa.text(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT CAST($1 AS int) + %'"
        ),
        {},
    )

    assert (row.generic_plans, row.custom_plans) == (3, 0)


async def test_others_may_read_a_whole_table(database: Database) -> None:
    await session(database)

    async with database.autocommit() as connection:
        assert await connection.scalar(sa.text("SHOW enable_seqscan")) == "on"

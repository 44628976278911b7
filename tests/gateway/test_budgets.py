"""Budgets of the API: over all replicas, calls at the edge overshoot by less than one of them."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from doubles.api_calls import (
    CallingReplica,
    all_of,
    caller,
    let_leases_end,
    request,
    rows,
    spent_today,
    used,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.api import ApiError
from bot.store.database import Database

ONE_CALL = 100  # tokens that `request` may use
PRICES = ("openai/small=1000000/1000000/1000000",)  # a token costs 1


@pytest.fixture
async def databases(address: str) -> AsyncIterator[list[Database]]:
    """The same database, as two replicas have it."""
    opened = [Database(address), Database(address)]
    yield opened
    for database in opened:
        await database.close()


@pytest.mark.parametrize(
    "limit",
    [
        {"limit_tokens": 950},
        {"limit_person_tokens": 950},
        {"limit_team_tokens": 950},
        {"limit_cost": 950.0, "prices": PRICES},
        {"limit_person_cost": 950.0, "prices": PRICES},
        {"limit_team_cost": 950.0, "prices": PRICES},
        {"limit_person_tokens": 950, "limit_team_tokens": 2_000, "limit_tokens": 10_000},
    ],
    ids=lambda limit: " ".join(limit),
)
async def test_fifty_calls_at_once_in_two_replicas_overshoot_by_less_than_one(
    databases: list[Database], limit: dict[str, Any]
) -> None:
    replicas = [CallingReplica.on(database, **limit) for database in databases]
    first = await replicas[0].calls.begin(caller(), request())
    await first.end(usage=used(ONE_CALL))  # something was used before

    begun = await all_of(*(replicas[number % 2].try_to_begin(caller()) for number in range(50)))
    made = [call for call in begun if call]
    await all_of(*(call.end(usage=used(ONE_CALL)) for call in made))

    spent = await spent_today(databases[0])
    assert 950 <= spent < 950 + ONE_CALL
    assert await replicas[1].try_to_begin(caller()) is None
    assert await rows(databases[0], "SELECT count(*) FROM reservation") == [(0,)]
    refused = await rows(databases[0], "SELECT count(*) FROM api_call WHERE status = '429'")
    assert refused == [(50 - len(made) + 1,)]


async def test_a_budget_of_money_lets_no_model_in_whose_price_nobody_knows(
    databases: list[Database],
) -> None:
    replica = CallingReplica.on(databases[0], limit_cost=950.0, prices=PRICES)

    for model in ("openai/other", "openai/small,openai/other", "openai/small "):
        with pytest.raises(ApiError, match="NELLIE_PRICES") as caught:
            await replica.calls.begin(caller(), replace(request(), model=model))
        assert (caught.value.status, caught.value.code) == (403, "model_without_price")
    for model in ("extractive", "local/own.gguf", "openai/small"):
        await (await replica.calls.begin(caller(), replace(request(), model=model))).end()


async def test_calls_wait_for_those_that_only_hold_what_is_left(
    databases: list[Database],
) -> None:
    replicas = [CallingReplica.on(one, patience=60, limit_tokens=800) for one in databases]

    async def make_a_call(number: int) -> bool:
        call = await replicas[number % 2].try_to_begin(caller(), max_output=700)  # far too much
        if call is None:
            return False
        await asyncio.sleep(0.01)
        await call.end(usage=used(ONE_CALL))
        return True

    made = await all_of(*(make_a_call(number) for number in range(12)))

    assert made.count(True) == 8
    assert await spent_today(databases[0]) == 800
    assert await rows(databases[0], "SELECT count(*) FROM api_call") == [(12,)]


async def test_what_is_another_ones_budget_lets_a_call_in(database: Database) -> None:
    replica = CallingReplica.on(database, limit_person_tokens=90, limit_team_tokens=150)

    ana = await replica.try_to_begin(caller("ana", "red"))
    again = await replica.try_to_begin(caller("ana", "blue"))
    bob = await replica.try_to_begin(caller("bob", "red"))
    carl = await replica.try_to_begin(caller("carl", "red"))
    dora = await replica.try_to_begin(caller("dora", "blue"))

    assert [bool(one) for one in (ana, again, bob, carl, dora)] == [True, False, True, False, True]


@pytest.mark.parametrize(
    ("limit", "whose", "name"),
    [
        ({"limit_person_tokens": 80}, "Your budget", "PERSON_TOKENS"),
        ({"limit_team_tokens": 80}, "Your team's budget", "TEAM_TOKENS"),
        ({"limit_tokens": 80}, "The common budget", "TOKENS"),
        ({"limit_team_cost": 80.0, "prices": PRICES}, "Your team's budget", "TEAM_COST"),
    ],
)
async def test_a_spent_budget_says_whose_it_is_how_much_and_when_it_starts_again(
    database: Database, limit: dict[str, Any], whose: str, name: str
) -> None:
    replica = CallingReplica.on(database, **limit)
    call = await replica.calls.begin(caller(), request())

    with pytest.raises(ApiError, match="ask again in a moment") as held:
        await replica.calls.begin(caller(), request())
    await call.end(usage=used(ONE_CALL))
    with pytest.raises(ApiError) as spent:
        await replica.calls.begin(caller(), request())

    assert str(spent.value).startswith(f"{whose} for today is used up (80")
    assert "It starts again at 00:00 UTC" in str(spent.value)
    assert str(spent.value).endswith(f"NELLIE_LIMIT_{name}.")
    for error in (held.value, spent.value):
        assert (error.status, error.code, error.may_retry) == (429, "budget_exceeded", False)


async def test_what_a_killed_replica_held_is_free_once_its_lease_is_over(
    databases: list[Database],
) -> None:
    killed, other = (CallingReplica.on(one, limit_tokens=150) for one in databases)
    await all_of(*(killed.try_to_begin(caller()) for _ in range(3)))
    killed.die()

    held = await other.try_to_begin(caller())
    await let_leases_end(databases[1])
    free = await other.try_to_begin(caller())

    assert held is None
    assert free
    await free.end()


async def test_a_call_that_runs_long_keeps_what_it_holds(database: Database) -> None:
    replica = CallingReplica.on(database, limit_tokens=90)
    call = await replica.calls.begin(caller(), request())

    await rows(database, "UPDATE reservation SET until = until - interval '50 seconds'")
    await replica.reserving._renew_once()
    await rows(database, "UPDATE reservation SET until = until - interval '50 seconds'")

    assert await replica.try_to_begin(caller()) is None
    await call.end()
    assert await replica.try_to_begin(caller())


async def test_yesterday_is_on_no_budget_of_today(database: Database) -> None:
    replica = CallingReplica.on(database, limit_tokens=90)
    call = await replica.calls.begin(caller(), request())
    await call.end(usage=used(ONE_CALL))
    assert await replica.try_to_begin(caller()) is None

    await rows(database, "UPDATE api_day SET day = day - 1")
    assert await replica.try_to_begin(caller())

    await replica.stores.reservations.drop_old()
    assert await rows(database, "SELECT count(*) FROM api_day") == [(0,)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
async def test_no_budget_is_overshot_by_a_whole_call_whatever_comes_together(
    databases: list[Database], seed: int
) -> None:
    """Calls of three people in two teams, begun and ended at random, and a replica that dies."""
    chance = random.Random(seed)  # a test's
    limits = {
        "limit_tokens": chance.randrange(500, 2_500),
        "limit_team_tokens": chance.randrange(300, 2_000),
        "limit_person_tokens": chance.randrange(200, 1_500),
    }
    await rows(databases[0], "DELETE FROM reservation")
    await rows(databases[0], "DELETE FROM api_day")
    replicas = [CallingReplica.on(database, **limits) for database in databases]
    largest = 0

    async def make_a_call(replica: CallingReplica) -> None:
        nonlocal largest
        who = chance.choice([("ana", "red"), ("bob", "red"), ("carl", "blue")])
        size = chance.randrange(20, 300)
        call = await replica.try_to_begin(caller(*who), input=size, max_output=size)
        if call is None or (replica is replicas[0] and chance.random() < 0.2):
            return  # refused, or killed with its replica
        largest = max(largest, 2 * size)
        await asyncio.sleep(chance.random() / 100)
        await call.end(usage=used(chance.randrange(2 * size) + 1))

    await all_of(*(make_a_call(chance.choice(replicas)) for _ in range(60)))
    replicas[0].die()

    by = {
        "limit_tokens": "SELECT coalesce(sum(tokens), 0) FROM api_day",
        "limit_team_tokens": "SELECT sum(tokens) FROM api_day GROUP BY team",
        "limit_person_tokens": "SELECT sum(tokens) FROM api_day GROUP BY payer",
    }
    for limit, sql in by.items():
        for (spent,) in await rows(databases[1], sql):
            assert spent < limits[limit] + largest

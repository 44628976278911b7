"""What a call of the API costs in round trips to Postgres."""

from collections.abc import Iterator
from typing import Any

import pytest
from doubles.api_calls import CallingReplica, request, used

from bot.gateway.callers.keys import Keys
from bot.store.api_keys import ApiKeys, NewKey
from bot.store.database import Database
from bot.testing.heard_statements import hearing


@pytest.fixture
def database(own_database: Database) -> Database:
    """What is heard of its connections is heard from their beginning."""
    return own_database


@pytest.fixture
def trips(database: Database) -> Iterator[list[str]]:
    """The first words of every statement that goes to Postgres."""
    heard: list[str] = []

    with hearing(database, lambda text: heard.append(" ".join(text.split())[:40])):
        yield heard


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, ["WITH known AS", "WITH ended AS"]),
        (
            {
                "limit_person_tokens": 10**6,
                "limit_team_cost": 5.0,
                "prices": ("openai/small=1/0.1/2",),
            },
            ["BEGIN ISOLATION LEVEL READ COMMITTED; SEL", "WITH amount AS", "COMMIT", "WITH ended"],
        ),
    ],
    ids=["without budgets", "with budgets"],
)
async def test_a_call_is_one_statement_before_its_model_and_one_after(
    database: Database, trips: list[str], limits: dict[str, Any], expected: list[str]
) -> None:
    new = NewKey(platform="", workspace="", person_id="ana", name="ana", team="red")
    key, _ = await ApiKeys(database).add(new)
    keys, replica = Keys(ApiKeys(database), {}), CallingReplica.on(database, **limits)
    for _ in range(2):  # at first, a key is looked up and each statement prepared
        trips.clear()
        caller = await keys.identify(key, "here", {})
        call = await replica.calls.begin(caller, request())
        call.first_token()
        await call.end(usage=used(90))

    assert len(trips) == len(expected)
    for heard, words in zip(trips, expected, strict=True):
        assert heard.startswith(words[:40])

"""Calls of the API: a row before the model is asked, an end that is noted once, and no content."""

import asyncio
import json
from typing import Any

import pytest
from doubles.api_calls import (
    CallingReplica,
    caller,
    let_leases_end,
    request,
    rows,
    spent_today,
    used,
)

from bot.domain.api import ApiError
from bot.domain.model import Usage
from bot.store.api_calls import ApiCallListing, CallFilter
from bot.store.api_keys import NewKey
from bot.store.database import Database


async def statuses(database: Database) -> list[str]:
    """How all calls stand, oldest first."""
    found = await ApiCallListing(database).newest(CallFilter(), limit=100)
    return [one.status for one in reversed(found)]


async def test_a_call_has_a_row_before_its_model_is_asked_and_its_numbers_after_it(
    database: Database,
) -> None:
    replica = CallingReplica.on(database, prices=("openai/small=1000/100/2000",))

    call = await replica.calls.begin(caller(), request(stream=True))
    [open_] = await ApiCallListing(database).newest(CallFilter(), limit=9)
    call.first_token()
    await call.end(usage=Usage("openai/small", 100, 20, cached=40, cache_write=10))
    [ended] = await ApiCallListing(database).newest(CallFilter(), limit=9)

    assert (open_.status, open_.id, open_.input) == ("open", call.id, None)
    assert (ended.status, ended.person_id, ended.team) == ("200", "ana", "red")
    assert (ended.asked, ended.model, ended.stream) == ("small", "openai/small", True)
    assert (ended.input, ended.cached, ended.cache_write, ended.output) == (100, 40, 10, 20)
    assert ended.cost == pytest.approx((60 * 1000 + 40 * 100 + 20 * 2000) / 1_000_000)
    assert ended.first_token_ms is not None
    assert ended.total_ms is not None
    assert ended.total_ms >= ended.first_token_ms
    assert await rows(database, "SELECT count(*) FROM reservation") == [(0,)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"status": 200, "usage": used(100)}, {"status": 499, "error": "disconnected"}),
        ({"status": 502, "error": "ModelUnavailable"}, {"status": 200, "usage": used(9)}),
        ({"status": 499, "usage": used(40, estimated=True)}, {"usage": used(40)}),
    ],
)
async def test_the_second_end_of_a_call_changes_nothing(
    database: Database, first: dict[str, Any], second: dict[str, Any]
) -> None:
    replica = CallingReplica.on(database)
    call = await replica.calls.begin(caller(), request())

    await call.end(**first)
    once = await rows(database, "SELECT * FROM api_call")
    spent = await spent_today(database)
    await call.end(**second)

    assert await rows(database, "SELECT * FROM api_call") == once
    assert await spent_today(database) == spent


async def test_an_end_is_noted_although_who_waits_for_it_is_cancelled(database: Database) -> None:
    replica = CallingReplica.on(database)
    call = await replica.calls.begin(caller(), request())

    async def serve() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await call.end(status=499, usage=used(80, estimated=True))

    serving = asyncio.create_task(serve())
    await asyncio.sleep(0)
    serving.cancel()
    await asyncio.sleep(0)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await replica.calls.close()

    assert await statuses(database) == ["499"]
    assert await spent_today(database) == 80


@pytest.mark.parametrize("how", ["coalesced", "cache"])
async def test_what_was_saved_is_kept_and_nobody_pays_for_it(database: Database, how: Any) -> None:
    replica = CallingReplica.on(database, prices=("openai/small=1000/100/2000",))
    call = await replica.calls.begin(caller(), request())

    await call.end(usage=used(100), saved=how)
    [saved] = await ApiCallListing(database).newest(CallFilter(), limit=9)

    assert (saved.saved, saved.cost, saved.input) == (how, 0.0, 75)
    assert await spent_today(database) == 0


async def test_a_call_whose_replica_was_killed_is_lost_once_its_lease_is_over(
    database: Database,
) -> None:
    killed, other = CallingReplica.on(database), CallingReplica.on(database)
    await killed.calls.begin(caller(), request())
    running = await other.calls.begin(caller("bob"), request())
    killed.die()

    before = await statuses(database)
    await let_leases_end(database)
    await other.reserving._renew_once()
    await other.stores.api_calls.mark_lost()
    await other.stores.reservations.drop_old()

    assert before == ["open", "open"]
    assert await statuses(database) == ["lost", "open"]
    await running.end()
    assert await rows(database, "SELECT count(*) FROM reservation") == [(0,)]


async def test_a_replica_that_was_only_frozen_ends_its_lost_calls_after_all(
    database: Database,
) -> None:
    frozen = CallingReplica.on(database)
    call = await frozen.calls.begin(caller(), request())
    await let_leases_end(database)
    await frozen.stores.api_calls.mark_lost()
    await frozen.stores.reservations.drop_old()

    await call.end(usage=used(100))

    assert await statuses(database) == ["200"]
    assert await spent_today(database) == 100


CONTENT = {"model": "small", "messages": [{"role": "user", "content": "the spare key\x00 ☂"}]}


async def test_content_is_kept_only_where_that_is_set(database: Database) -> None:
    for replica in (
        CallingReplica.on(database),
        CallingReplica.on(database, api_log="content"),
    ):
        call = await replica.calls.begin(caller(), request(body=CONTENT))
        await call.end(answer={"choices": [{"message": {"content": "under the mat"}}]})

    plain, kept = await rows(database, "SELECT request, answer FROM api_call ORDER BY id")
    assert plain == (None, None)
    assert json.loads(kept[0]) == CONTENT
    assert "under the mat" in kept[1]
    assert kept[0].isprintable()


async def test_content_with_half_a_character_is_kept(database: Database) -> None:
    replica = CallingReplica.on(database, api_log="content")

    call = await replica.calls.begin(caller(), request(body={"messages": ["a\ud800b", "☂"]}))
    await call.end()

    assert await rows(database, "SELECT request FROM api_call") == [('{"messages": ["a?b", "☂"]}',)]


async def test_kept_content_goes_after_its_days(database: Database) -> None:
    replica = CallingReplica.on(database, api_log="content")
    for days in (8, 6, 0):
        call = await replica.calls.begin(caller(), request(body=CONTENT))
        await call.end()
        await rows(
            database,
            "UPDATE api_call SET at = at - make_interval(days => :days) WHERE id = :id",
            days=days,
            id=call.id,
        )

    await replica.stores.api_calls.let_go(7)

    kept = await rows(database, "SELECT request IS NOT NULL FROM api_call ORDER BY id")
    assert kept == [(False,), (True,), (True,)]


@pytest.mark.parametrize(
    "fields",
    [
        {"asked": "small\x00\ud800" + "x" * 5_000},
        {"asked": "'; DROP TABLE api_call; --"},
        {"asked": "", "max_output": -5},
        {"input": 10**12, "max_output": 10**15},
    ],
)
async def test_whatever_a_caller_asks_for_has_a_row(
    database: Database, fields: dict[str, Any]
) -> None:
    replica = CallingReplica.on(database, limit_tokens=1_000)

    call = await replica.calls.begin(caller(), request(**fields))
    await call.end(usage=Usage("m" * 900 + "\x00", 10**12, -4), error="\x00" * 9)

    [found] = await ApiCallListing(database).newest(CallFilter(), limit=9)
    assert found.status == "200"
    assert found.output == 0


async def test_while_the_database_is_away_a_call_is_refused_in_words(database: Database) -> None:
    away = Database("postgresql://127.0.0.1:9/nothing")
    replica = CallingReplica.on(away)

    with pytest.raises(ApiError, match="Try again in a moment") as refused:
        await replica.calls.begin(caller(key_id=1), request())

    assert refused.value.status == 503
    await away.close()


async def test_of_a_person_who_is_forgotten_meanwhile_no_word_is_kept(database: Database) -> None:
    """Before the call by another replica, which knows the key for some seconds; or during it."""
    replica = CallingReplica.on(database, api_log="content")
    said = {"messages": ["I am ana"]}
    new = NewKey(platform="", workspace="", person_id="ana", name="ana", team="red")
    _, key = await replica.stores.api_keys.add(new)
    ana = caller("ana", key_id=key.id)
    during = await replica.calls.begin(ana, request(body=said, asked="nellie/of/ana"))

    await replica.stores.api_traces.forget("ana")
    after = await replica.calls.begin(ana, request(body=said, asked="nellie/of/ana"))
    for call in (during, after):
        await call.end(usage=used(100), answer=said, error="ana is not there")

    texts = await rows(database, "SELECT CAST(c AS text) FROM api_call c")
    assert len(texts) == 2
    assert "ana" not in str(texts)
    assert await spent_today(database) == 200

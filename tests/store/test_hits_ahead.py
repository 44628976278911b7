"""What a question finds as it is stored is what a search finds then; storing never rests on it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa
from doubles.replica import Replica
from doubles.sample_messages import (
    ANA,
    BOB,
    find_contradictions,
    rows,
    sample_message,
    sample_new_message,
)

from bot.language.question import find_terms
from bot.store import turns as module
from bot.store.early_edits import EarlyEdits
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.search import HIT_LIMIT, Search
from bot.store.turns import Accepted

QUESTIONS = (
    "which printer is broken?",
    "who mends the printer on floor 7?",
    "lunch?",
    "the printer broke on floor 3",  # has been said in these words
    "nobody ever spoke of zebras",
    "printer " * 300,
)
WORDS = ("printer", "floor", "lunch", "zebra", "broke")

_BEFORE = "WITH before AS MATERIALIZED (SELECT {} AS it), asked AS ("


async def _talk(one: Replica, count: int = 60) -> None:
    texts = [
        f"the printer broke on floor {n}" if n % 3 else f"lunch was late, {WORDS[n % 5]} number {n}"
        for n in range(count)
    ]
    await Messages(one.database).add(
        one.channel_id, [sample_new_message(f"t{n}", text, BOB) for n, text in enumerate(texts)]
    )


async def _ask(one: Replica, text: str, id: str = "q1", **more: object) -> Accepted:
    new = NewMessage(sample_message(id, text, ANA, addressed=True, **more))
    return await one.turns.accept(
        one.channel_id, new, owner=one.owner, opens_turn=True, terms=find_terms(text)
    )


async def _found_now(one: Replica, text: str, seq: int) -> Sequence[object]:
    terms = find_terms(text)
    return await Search(one.database).hits(one.channel_id, terms, limit=HIT_LIMIT, without=seq)


@pytest.mark.parametrize("text", QUESTIONS)
async def test_what_comes_with_a_question_is_what_a_search_finds_then(
    one: Replica, text: str
) -> None:
    await _talk(one)

    accepted = await _ask(one, text)

    assert accepted.lease
    assert accepted.hits
    assert accepted.hits.hits == await _found_now(one, text, accepted.seq)
    assert accepted.hits.terms == find_terms(text)
    assert accepted.hits.is_fresh
    assert await find_contradictions(one.database) == []


async def test_a_term_in_more_messages_than_are_read_counts_the_same(
    one: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.search.CAP", 7)
    await _talk(one)

    accepted = await _ask(one, "which printer is broken?")

    assert accepted.hits
    found = accepted.hits.hits
    assert found
    assert found == await _found_now(one, "which printer is broken?", accepted.seq)


async def test_what_waits_or_is_known_is_not_searched_for(one: Replica, two: Replica) -> None:
    await _talk(one)
    first = await _ask(one, "which printer is broken?")

    waiting = await _ask(two, "and which floor?", "q2")
    again = await _ask(two, "which printer is broken?")

    assert first.hits
    assert (waiting.lease, waiting.hits) == (None, None)
    assert waiting.turn
    assert again == Accepted()


async def test_what_was_edited_before_it_came_is_stored_as_edited_whatever_was_found(
    one: Replica,
) -> None:
    await _talk(one)
    edits = EarlyEdits(one.database)
    await edits.keep(one.channel_id, "q1", "which lunch?", None)

    accepted = await _ask(one, "which printer is broken?")

    assert accepted.message
    assert accepted.message.text == "which lunch?"
    # Who reads the question finds that these are not its terms.
    assert accepted.hits is None or accepted.hits.terms != find_terms("which lunch?")


async def test_an_edit_that_comes_during_the_search_is_not_lost(
    one: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEARCH_AND_OPEN", _searching("pg_sleep(0.6)"))
    await _talk(one)

    asking = asyncio.create_task(_ask(one, "which printer is broken?"))
    await asyncio.sleep(0.2)
    assert await EarlyEdits(one.database).keep(one.channel_id, "q1", "which lunch?", None)
    await asking

    assert await rows(one.database, "SELECT text FROM message WHERE external_id = 'q1'") == [
        "which lunch?"
    ]


async def test_a_slow_search_holds_up_nobody_else_in_its_channel_and_is_left_out_for_a_while(
    one: Replica, two: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEARCH_AND_OPEN", _searching("pg_sleep(1.5)"))
    await _talk(one)

    asking = asyncio.create_task(_ask(one, "which printer is broken?"))
    await asyncio.sleep(0.3)  # it is searching
    began = time.monotonic()
    said = await two.accept("m1", opens_turn=False)
    took = time.monotonic() - began
    asked = await asking
    began = time.monotonic()
    next_asked = await _ask(one, "which floor?", "q2", thread="other")
    took_next = time.monotonic() - began

    assert said.seq
    assert took < 1
    assert asked.lease
    assert asked.hits
    assert next_asked.lease
    assert next_asked.hits is None
    assert took_next < 1


@pytest.mark.parametrize(
    "fault", ["(SELECT 1 / (count(*) - count(*)) FROM pg_class)", "pg_sleep(0.01 / 0)"]
)
async def test_a_search_that_fails_is_no_reason_not_to_store(
    one: Replica, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(module, "_SEARCH_AND_OPEN", _searching(fault))
    await _talk(one)

    accepted = await _ask(one, "which printer is broken?")

    assert accepted.lease
    assert accepted.hits is None
    assert await rows(one.database, "SELECT count(*) FROM turn") == [1]
    assert await find_contradictions(one.database) == []


async def test_a_search_that_the_server_ends_is_no_reason_not_to_store(
    one: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEARCH_AND_OPEN", _searching("pg_sleep(30)"))
    await _talk(one)
    asking = asyncio.create_task(_ask(one, "which printer is broken?"))
    await asyncio.sleep(0.3)

    await rows(
        one.database,
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
        " WHERE query LIKE '%open_turn%' AND pid <> pg_backend_pid() AND state = 'active'"
        " AND datname = current_database()",
    )
    accepted = await asyncio.wait_for(asking, 5)

    assert accepted.lease
    assert accepted.hits is None


def _searching(also: str) -> module.LockedStatement:
    """The same statement, whose search does something else before."""
    first = module._SQL.search_ahead.text.replace("WITH asked AS (", _BEFORE.format(also), 1)
    first = first.replace("SELECT term FROM unnest(", "SELECT term FROM before, unnest(", 1)
    assert f"{also} AS it" in first
    assert "before, unnest" in first
    return replace(module._SEARCH_AND_OPEN, first=sa.text(first))

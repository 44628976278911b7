"""Forgetting: what is taken back goes with everything that rests on it, and cannot come back."""

import pytest
from doubles.sample_messages import (
    NELLIE,
    ROOM,
    find_contradictions,
    rows,
    sample_answer,
    sample_message,
    sample_new_message,
)
from store.one_channel import ME, Store

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.turn_outcome import Outcome


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


async def test_forgetting_takes_words_index_and_tokens(store: Store) -> None:
    await store.messages.add(
        store.id, [sample_new_message("m1", "the key is red"), sample_new_message("m2", "blue key")]
    )

    count = await store.changes.forget(store.id, [1])
    again = await store.changes.forget(store.id, [1])

    assert (count, again) == (1, 0)
    assert await store.found("key") == ["m2"]
    assert [one.id async for one in store.messages.read_in_order(ROOM, store.id)] == ["m2"]
    assert await store.tokens() == sample_message("m2", "blue key").tokens
    assert await find_contradictions(store.database) == []


@pytest.mark.parametrize(
    "text",
    ["🎉🎉", "the key is red 🎉 👍🏽", "v2.11.4 is at https://example.org/a/b", "12,500 in C++"],
)
async def test_forgetting_takes_what_is_one_as_a_whole_too(store: Store, text: str) -> None:
    await store.messages.add(
        store.id, [sample_new_message("m1", text), sample_new_message("m2", f"{text} again")]
    )

    await store.changes.forget(store.id, [1])

    assert await rows(store.database, "SELECT DISTINCT seq FROM posting") == [2]
    assert await find_contradictions(store.database) == []


async def test_forgetting_hides_summaries_until_they_are_made_again(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)

    await store.changes.forget(store.id, [2, 8])

    assert await store.dirty() == [3]
    assert await store.summaries.digest(store.id) == ""
    assert await find_contradictions(store.database) == []


async def test_her_answers_go_with_what_they_rest_on(store: Store) -> None:
    lease, turn = await store.ask("m1", text="where is the key?")
    assert lease
    fact = await store.messages.add(store.id, [sample_new_message("m2", "the key is red")])
    await store.turns.close(lease, turn, Outcome("done", sample_answer(turn, fact["m2"])))
    await store.messages.add(store.id, [sample_new_message("m3", "I am Nellie", NELLIE)])

    count = await store.changes.forget(store.id, [fact["m2"]])

    assert count == 1
    assert [one.id async for one in store.messages.read_in_order(ROOM, store.id)] == ["m1", "m3"]
    assert await find_contradictions(store.database) == []


async def test_forgetting_a_question_cancels_its_turn(store: Store) -> None:
    await store.ask("m1")
    await store.ask("m2")
    await store.ask("m3")

    await store.changes.forget(store.id, [1, 2])

    assert await store.states() == ["cancelled", "cancelled", "waiting"]


async def test_forgetting_an_answered_question_leaves_the_turn_done(store: Store) -> None:
    lease, turn = await store.ask("m1")
    assert lease
    await store.turns.close(lease, turn, Outcome("done", sample_answer(turn)))

    await store.changes.forget(store.id, [1])

    assert await store.states() == ["done"]
    assert await store.messages.count(store.id) == 0


async def test_what_was_deleted_cannot_come_back(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message("m1", "my secret")])

    await store.changes.forget_id(store.id, sample_new_message("m1"))
    added = await store.messages.add(store.id, [sample_new_message("m1", "my secret")])
    accepted = await store.turns.accept(
        store.id, sample_new_message("m1"), owner=ME, opens_turn=True
    )

    assert added == {}
    assert accepted.seq == 0
    assert await store.messages.count(store.id) == 0
    assert await find_contradictions(store.database) == []


async def test_a_deletion_that_arrives_first_keeps_the_message_out(store: Store) -> None:
    await store.changes.forget_id(store.id, sample_new_message("m1", "?"))

    accepted = await store.turns.accept(
        store.id, sample_new_message("m1", "my secret"), owner=ME, opens_turn=True
    )

    assert (accepted.seq, accepted.turn) == (0, None)
    assert await store.states() == []
    assert await rows(store.database, "SELECT text, deleted FROM message") == [("", True)]
    assert await find_contradictions(store.database) == []


async def test_everything_can_be_forgotten_at_once(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message(f"m{n}") for n in range(500)])
    await store.compact(200)

    count = await store.changes.forget(store.id, await store.messages.all_seqs(store.id))

    assert count == 500
    assert await store.tokens() == 0
    assert await find_contradictions(store.database) == []


async def test_an_answer_made_from_what_is_forgotten_meanwhile_is_not_kept(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message("m1", "the key is red")])
    lease, turn = await store.ask("m2", text="where is the key?")
    assert lease

    await store.changes.forget(store.id, [1])
    await store.turns.close(lease, turn, Outcome("done", sample_answer(turn, 1)))

    assert await store.states() == ["done"]
    assert [one.id async for one in store.messages.read_in_order(ROOM, store.id)] == ["m2"]

"""Edits and deletions: everything that rests on what was said changes with it."""

import random
from dataclasses import replace

import pytest
from doubles.sample_messages import (
    ANA,
    BOB,
    ROOM,
    find_contradictions,
    sample_message,
    sample_new_message,
)
from store.one_channel import Store

from bot.prompting.message_line import count_line_tokens
from bot.store.channels import Channels
from bot.store.database import Database

HALL = replace(ROOM, id="C2", name="hall")


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


async def test_an_edit_rewrites_text_index_and_tokens(store: Store) -> None:
    await store.messages.add(
        store.id, [sample_new_message("m1", "the key is red"), sample_new_message("m2")]
    )
    before = await store.tokens()
    new = sample_message("m1", "the lock was painted in a most unusual green")

    changed = await store.changes.edit(store.id, "m1", new.text, new.tokens)

    assert changed
    assert await store.messages.find(ROOM, store.id, "m1") == replace(new, seq=1)
    assert await store.found("red") == []
    assert await store.found("green") == ["m1"]
    assert (
        await store.tokens() == before + new.tokens - sample_message("m1", "the key is red").tokens
    )
    assert await find_contradictions(store.database) == []


async def test_an_edited_message_is_still_found_by_its_author(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message("m1", "red", BOB)])

    await store.changes.edit(store.id, "m1", "green", 4)

    assert await store.found("bob") == ["m1"]


async def test_an_edit_makes_prompts_new_and_the_same_text_does_not(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message("m1", "red")])

    same = await store.changes.edit(store.id, "m1", "red", 99)
    unchanged = (await store.channels.state(store.id)).epoch
    await store.changes.edit(store.id, "m1", "green", 4)

    assert not same
    assert unchanged == 0
    assert (await store.channels.state(store.id)).epoch == 1


async def test_an_unknown_or_forgotten_message_cannot_be_edited(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message("m1", "red")])
    await store.changes.forget(store.id, [1])

    edits = [await store.changes.edit(store.id, id, "back again", 5) for id in ("m1", "m9")]

    assert edits == [False, False]
    assert await store.found("back again") == []
    assert await find_contradictions(store.database) == []


async def test_an_edit_of_a_summarized_message_dirties_only_what_rests_on_it(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)
    left = await store.tokens()

    await store.changes.edit(store.id, "m5", "quite another thing, and much longer than before", 50)

    assert await store.dirty() == [6]
    assert await store.summaries.digest(store.id) == ""
    assert await store.tokens() == left
    assert await find_contradictions(store.database) == []


async def test_an_edit_in_the_window_leaves_the_summaries_alone(store: Store) -> None:
    await store.messages.add(store.id, [sample_new_message(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)

    await store.changes.edit(store.id, "m7", "quite another thing", 5)

    assert await store.dirty() == []
    assert await store.summaries.digest(store.id) == "the digest"


async def test_nothing_crosses_channels(store: Store) -> None:
    hall = await store.channels.id(HALL)
    await store.messages.add(store.id, [sample_new_message("m1", "red")])
    await store.messages.add(hall, [sample_new_message("m1", "red", room=HALL)])

    await store.changes.forget(store.id, [1])
    edited = await store.changes.edit(store.id, "m1", "green", 3)

    assert not edited
    assert [one.text for one in await store.messages.newest(HALL, hall, limit=9)] == ["red"]


@pytest.mark.parametrize("seed", range(4))
async def test_the_windows_tokens_add_up_whatever_happens(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    names: list[str] = []
    for step in range(50):
        state = await store.channels.state(store.id)
        match dice.choice(["add", "add", "edit", "forget", "compact", "opt"]):
            case "add":
                new = [f"m{len(names) + n}" for n in range(dice.randint(1, 6))]
                names += new
                words = (f"{name} " * dice.randint(1, 30) for name in new)
                authors = dice.choices([ANA, BOB], k=len(new))
                batch = [sample_new_message(*one) for one in zip(new, words, authors, strict=True)]
                await store.messages.add(store.id, batch)
            case "edit" if names:
                name, text = dice.choice(names), f"step {step} " * dice.randint(1, 30)
                await store.changes.edit(
                    store.id, name, text, count_line_tokens(sample_message(name, text))
                )
            case "forget" if names:
                seqs = dice.choices(range(1, len(names) + 1), k=dice.randint(1, 3))
                await store.changes.forget(store.id, seqs)
            case "compact" if state.seq > state.watermark:
                assert await store.compact(dice.randint(state.watermark + 1, state.seq))
            case "opt":
                await store.channels.set_opt_out(store.id, BOB.id, out=dice.random() < 0.5)

        assert await find_contradictions(store.database) == [], f"seed {seed}, step {step}"

"""Edits and deletions: everything that rests on what was said changes with it."""

import random
from dataclasses import dataclass, replace
from typing import Any

import pytest
from doubles.said import ANA, BOB, NELLIE, NOON, ROOM, answer, rows, said, stored, unsound

from bot.context import cost
from bot.conversation import Segment, Statement, Turn
from bot.store.changes import Changes
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.search import Search
from bot.store.summaries import Compacted, Summaries
from bot.store.turns import Lease, Outcome, Turns

HALL = replace(ROOM, id="C2", name="hall")
ME = 7


@dataclass
class Store:
    """One channel and all that the store does with it."""

    database: Database
    id: int

    def __post_init__(self) -> None:
        self.channels = Channels(self.database)
        self.messages = Messages(self.database)
        self.changes = Changes(self.database)
        self.summaries = Summaries(self.database)
        self.search = Search(self.database)
        self.turns = Turns(self.database, lease=15)

    async def tokens(self) -> int:
        return (await self.channels.state(self.id)).window_tokens

    async def found(self, words: str) -> list[str]:
        return [one.id for one in await self.search.words(ROOM, self.id, words, limit=9)]

    async def compact(self, *lasts: int) -> bool:
        """Segments that end at these numbers, and a digest of them."""
        state = await self.channels.state(self.id)
        firsts = (state.watermark + 1, *(last + 1 for last in lasts))
        made = tuple(
            Segment(first, last, (Statement(f"till {last}", (last,)),), ("Ana",), NOON, NOON, 5)
            for first, last in zip(firsts, lasts, strict=False)
        )
        done = Compacted(made, "the digest", lasts[-1], 100, "extractive")
        return await self.summaries.commit(state, done)

    async def dirty(self) -> list[int]:
        """The last numbers of the segments that are dirty."""
        segments = await self.summaries.segments(self.id)
        return [segment.last for segment, dirty in segments if dirty]

    async def ask(self, id: str, **more: Any) -> tuple[Lease | None, Turn]:
        """Someone asks something."""
        message = stored(id, **more)
        done = await self.turns.accept(self.id, message, owner=ME, owed=True)
        assert done.turn
        trigger = replace(message.message, seq=done.seq)
        return done.lease, Turn(done.turn, ROOM, trigger.lane, trigger)

    async def states(self) -> list[Any]:
        return await rows(self.database, "SELECT state FROM turn ORDER BY id")


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


async def test_an_edit_rewrites_text_index_and_tokens(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "the key is red"), stored("m2")])
    before = await store.tokens()
    new = said("m1", "the lock was painted in a most unusual green")

    changed = await store.changes.edit(store.id, "m1", new.text, new.tokens)

    assert changed
    assert await store.messages.find(ROOM, store.id, "m1") == replace(new, seq=1)
    assert await store.found("red") == []
    assert await store.found("green") == ["m1"]
    assert await store.tokens() == before + new.tokens - said("m1", "the key is red").tokens
    assert await unsound(store.database) == []


async def test_an_edited_message_is_still_found_by_its_author(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "red", BOB)])

    await store.changes.edit(store.id, "m1", "green", 4)

    assert await store.found("bob") == ["m1"]


async def test_an_edit_makes_prompts_new_and_the_same_text_does_not(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "red")])

    same = await store.changes.edit(store.id, "m1", "red", 99)
    unchanged = (await store.channels.state(store.id)).epoch
    await store.changes.edit(store.id, "m1", "green", 4)

    assert not same
    assert unchanged == 0
    assert (await store.channels.state(store.id)).epoch == 1


async def test_an_unknown_or_forgotten_message_cannot_be_edited(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "red")])
    await store.changes.forget(store.id, [1])

    edits = [await store.changes.edit(store.id, id, "back again", 5) for id in ("m1", "m9")]

    assert edits == [False, False]
    assert await store.found("back again") == []
    assert await unsound(store.database) == []


async def test_an_edit_of_a_summarized_message_dirties_only_what_rests_on_it(store: Store) -> None:
    await store.messages.add(store.id, [stored(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)
    left = await store.tokens()

    await store.changes.edit(store.id, "m5", "quite another thing, and much longer than before", 50)

    assert await store.dirty() == [6]
    assert await store.summaries.digest(store.id) == ""
    assert await store.tokens() == left
    assert await unsound(store.database) == []


async def test_an_edit_in_the_window_leaves_the_summaries_alone(store: Store) -> None:
    await store.messages.add(store.id, [stored(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)

    await store.changes.edit(store.id, "m7", "quite another thing", 5)

    assert await store.dirty() == []
    assert await store.summaries.digest(store.id) == "the digest"


async def test_forgetting_takes_words_index_and_tokens(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "the key is red"), stored("m2", "blue key")])

    count = await store.changes.forget(store.id, [1])
    again = await store.changes.forget(store.id, [1])

    assert (count, again) == (1, 0)
    assert await store.found("key") == ["m2"]
    assert [one.id async for one in store.messages.walk(ROOM, store.id)] == ["m2"]
    assert await store.tokens() == said("m2", "blue key").tokens
    assert await unsound(store.database) == []


async def test_forgetting_hides_summaries_until_they_are_made_again(store: Store) -> None:
    await store.messages.add(store.id, [stored(f"m{n}") for n in range(1, 10)])
    await store.compact(3, 6)

    await store.changes.forget(store.id, [2, 8])

    assert await store.dirty() == [3]
    assert await store.summaries.digest(store.id) == ""
    assert await unsound(store.database) == []


async def test_her_answers_go_with_what_they_rest_on(store: Store) -> None:
    lease, turn = await store.ask("m1", text="where is the key?")
    assert lease
    fact = await store.messages.add(store.id, [stored("m2", "the key is red")])
    await store.turns.close(lease, turn, Outcome("done", answer(turn, fact["m2"])))
    await store.messages.add(store.id, [stored("m3", "I am Nellie", NELLIE)])

    count = await store.changes.forget(store.id, [fact["m2"]])

    assert count == 1
    assert [one.id async for one in store.messages.walk(ROOM, store.id)] == ["m1", "m3"]
    assert await unsound(store.database) == []


async def test_forgetting_a_question_cancels_its_turn(store: Store) -> None:
    await store.ask("m1")
    await store.ask("m2")
    await store.ask("m3")

    await store.changes.forget(store.id, [1, 2])

    assert await store.states() == ["cancelled", "cancelled", "waiting"]


async def test_forgetting_an_answered_question_leaves_the_turn_done(store: Store) -> None:
    lease, turn = await store.ask("m1")
    assert lease
    await store.turns.close(lease, turn, Outcome("done", answer(turn)))

    await store.changes.forget(store.id, [1])

    assert await store.states() == ["done"]
    assert await store.messages.count(store.id) == 0


async def test_what_was_deleted_cannot_come_back(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "my secret")])

    await store.changes.forget_id(store.id, stored("m1"))
    added = await store.messages.add(store.id, [stored("m1", "my secret")])
    accepted = await store.turns.accept(store.id, stored("m1"), owner=ME, owed=True)

    assert added == {}
    assert accepted.seq == 0
    assert await store.messages.count(store.id) == 0
    assert await unsound(store.database) == []


async def test_a_deletion_that_arrives_first_keeps_the_message_out(store: Store) -> None:
    await store.changes.forget_id(store.id, stored("m1", "?"))

    accepted = await store.turns.accept(store.id, stored("m1", "my secret"), owner=ME, owed=True)

    assert (accepted.seq, accepted.turn) == (0, None)
    assert await store.states() == []
    assert await rows(store.database, "SELECT text, deleted FROM message") == [("", True)]
    assert await unsound(store.database) == []


async def test_nothing_crosses_channels(store: Store) -> None:
    hall = await store.channels.id(HALL)
    await store.messages.add(store.id, [stored("m1", "red")])
    await store.messages.add(hall, [stored("m1", "red", room=HALL)])

    await store.changes.forget(store.id, [1])
    edited = await store.changes.edit(store.id, "m1", "green", 3)

    assert not edited
    assert [one.text for one in await store.messages.newest(HALL, hall, after=0, limit=9)] == [
        "red"
    ]


async def test_everything_can_be_forgotten_at_once(store: Store) -> None:
    await store.messages.add(store.id, [stored(f"m{n}") for n in range(500)])
    await store.compact(200)

    count = await store.changes.forget(store.id, await store.messages.every(store.id))

    assert count == 500
    assert await store.tokens() == 0
    assert await unsound(store.database) == []


async def test_an_answer_made_from_what_is_forgotten_meanwhile_is_not_kept(store: Store) -> None:
    await store.messages.add(store.id, [stored("m1", "the key is red")])
    lease, turn = await store.ask("m2", text="where is the key?")
    assert lease

    await store.changes.forget(store.id, [1])
    await store.turns.close(lease, turn, Outcome("done", answer(turn, 1)))

    assert await store.states() == ["done"]
    assert [one.id async for one in store.messages.walk(ROOM, store.id)] == ["m2"]


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
                batch = [stored(*one) for one in zip(new, words, authors, strict=True)]
                await store.messages.add(store.id, batch)
            case "edit" if names:
                name, text = dice.choice(names), f"step {step} " * dice.randint(1, 30)
                await store.changes.edit(store.id, name, text, cost(said(name, text)))
            case "forget" if names:
                seqs = dice.choices(range(1, len(names) + 1), k=dice.randint(1, 3))
                await store.changes.forget(store.id, seqs)
            case "compact" if state.seq > state.watermark:
                assert await store.compact(dice.randint(state.watermark + 1, state.seq))
            case "opt":
                await store.channels.opt(store.id, BOB.id, out=dice.random() < 0.5)

        assert await unsound(store.database) == [], f"seed {seed}, step {step}"

"""Edits, deletions and opting out: what people take back is gone wherever it had got to."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from doubles.house import ANA, BOB, CARL, GENERAL, LINES, SMALL, House, Open, said
from doubles.model import Actor, Part, Script, repeats, says, stalls
from doubles.platform import Stage

from bot.conversation import NELLIE, Channel, Prompt, Turn
from bot.ports import Posts
from bot.schedule import tidy

CANARY = "canary7731"


def waits(gate: asyncio.Event, part: Part) -> Part:
    """Plays its part once the gate is open."""

    def waiting(prompt: Prompt) -> Script:
        return gate, *part(prompt)

    return waiting


async def prompt_text(house: House) -> str:
    """All that the next question's prompt holds, the question asked by a stranger."""
    await house.ask(CARL, f"what do you know about the disk code {CARL.name}?")
    return "\n".join(one.text for one in house.model.prompts[-1].said)


async def test_an_edit_rewrites_what_is_remembered_and_asks_nothing(house: House) -> None:
    await house.ask(ANA, f"is {CANARY} the code?", id="q1")

    await house.engine.edited(GENERAL, "q1", "is it Tuesday?")
    await house.engine.lanes.idle()

    assert (await house.texts())[0] == "is it Tuesday?"
    assert len(house.model.prompts) == 1
    found = await house.command("memory search Tuesday")
    assert "is it Tuesday?" in found.text
    assert "is it Tuesday?" in await prompt_text(house)


async def test_an_edit_before_the_answer_begins_changes_the_question(open_house: Open) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, says("yes")), says("no")))
    await house.begin(ANA, "one", thread="t1")
    await house.begin(ANA, "two", thread="t1", id="q2")

    await house.engine.edited(GENERAL, "q2", "two and a half")
    gate.set()
    await house.engine.lanes.idle()

    assert house.model.prompts[-1].said[-1].text.endswith("ana: two and a half")


async def test_an_edit_of_what_was_never_seen_changes_nothing(house: House) -> None:
    await house.engine.edited(GENERAL, "nobody-knows", "hello")

    assert await house.texts() == []


async def test_an_edit_to_strange_characters_is_cleaned(house: House) -> None:
    await house.say(BOB, "the disk is red", id="m")

    await house.engine.edited(GENERAL, "m", "a\x00\ud83d\u202eb")

    assert await house.texts() == ["a\ufffd\ufffdb"]


async def test_an_edit_to_nothing_is_a_deletion(house: House) -> None:
    await house.ask(ANA, f"is {CANARY} the code?", id="q1")

    await house.engine.edited(GENERAL, "q1", " \n")

    assert await house.traces(CANARY) == []


async def test_a_deleted_message_leaves_no_trace(house: House) -> None:
    await house.say(BOB, f"the disk code is {CANARY}", id="m1", link=f"https://x/{CANARY}")
    await house.say(BOB, "the disk is red")

    await house.engine.deleted(GENERAL, "m1")

    assert await house.traces(CANARY) == []
    assert CANARY not in await prompt_text(house)
    assert "nothing with" in (await house.command(f"memory search {CANARY}")).text


async def test_terms_that_would_be_cut_otherwise_today_go_too(house: House) -> None:
    await house.say(BOB, "the disk is red", id="m1")
    await house.rows(
        "WITH longer AS (UPDATE posting SET length = length + 1)"
        " INSERT INTO posting SELECT channel_id, :term, seq, 1, length + 1 FROM posting LIMIT 1"
        " RETURNING term",
        term=CANARY,
    )

    await house.engine.deleted(GENERAL, "m1")

    assert await house.rows("SELECT * FROM posting") == []


async def test_many_messages_are_forgotten_at_once(house: House) -> None:
    await house.history(*(f"{CANARY} {n}" for n in range(300)), "the disk is red")

    await house.engine.changes.forget(await house.id(), range(1, 301))

    assert await house.traces(CANARY) == []
    assert await house.texts() == ["the disk is red"]


async def test_a_deletion_before_its_message_keeps_it_out(house: House) -> None:
    await house.engine.deleted(GENERAL, "m1")

    received = await house.say(ANA, f"the code is {CANARY}", id="m1", addressed=True)
    await house.history(f"the code is {CANARY}", id="m1")

    assert (received.seq, received.turn) == (0, None)
    assert await house.traces(CANARY) == []


async def test_a_deleted_question_takes_its_answer_along(house: House) -> None:
    await house.ask(ANA, f"is {CANARY} the code?", id="q1")

    await house.engine.deleted(GENERAL, "q1")

    assert await house.texts() == []
    assert await house.traces(CANARY) == []


async def test_deleting_the_question_while_the_model_runs_cancels_the_turn(
    open_house: Open,
) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, repeats), says("fine")))
    turn = await house.begin(ANA, f"is {CANARY} the code?", id="q1")
    await house.model.begun.wait()

    await house.engine.deleted(GENERAL, "q1")
    gate.set()
    await house.engine.over(turn)
    await house.engine.lanes.idle()

    assert await house.texts() == []
    assert await house.traces(CANARY) == []
    assert await house.rows("SELECT state FROM turn") == [("cancelled",)]
    assert CANARY not in await prompt_text(house)


async def test_deleting_the_question_stops_the_model(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("so far"), says("fine")))
    await house.begin(ANA, "talk", id="q1")
    await house.stage.piece.wait()

    await house.engine.deleted(GENERAL, "q1")
    await house.engine.lanes.idle()

    assert await house.texts() == []
    assert await house.ask(ANA, "hello") == "fine"


async def test_deleting_a_waiting_question_cancels_its_turn(open_house: Open) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, says("one")), says("never")))
    await house.begin(ANA, "one", thread="t1")
    await house.begin(ANA, f"two {CANARY}", thread="t1", id="q2")

    await house.engine.deleted(GENERAL, "q2")
    gate.set()
    await house.engine.lanes.idle()

    assert len(house.model.prompts) == 1
    assert await house.traces(CANARY) == []


@pytest.mark.parametrize("question", ["what is the disk code?", "what did he just say?"])
async def test_an_answer_that_cites_a_deleted_message_goes_with_it(
    open_house: Open, question: str
) -> None:
    house = await open_house(model=Actor(repeats, says("fine")))
    await house.say(BOB, f"the disk code is {CANARY}", id="m1")
    await house.say(BOB, "and the disk is red")
    answer = await house.ask(ANA, question)
    assert CANARY in answer

    await house.engine.deleted(GENERAL, "m1")

    assert await house.traces(CANARY) == []
    assert await house.texts() == ["and the disk is red", question]
    assert CANARY not in await prompt_text(house)


@pytest.mark.parametrize("question", ["what is the disk code?", "what did he just say?"])
async def test_an_answer_that_cites_what_is_deleted_meanwhile_is_not_remembered(
    open_house: Open, question: str
) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, repeats), says("fine")))
    await house.say(BOB, f"the disk code is {CANARY}", id="m1")
    await house.begin(ANA, question)
    await house.model.begun.wait()

    await house.engine.deleted(GENERAL, "m1")
    gate.set()
    await house.engine.lanes.idle()

    assert await house.texts() == [question]
    assert await house.traces(CANARY) == []


async def test_an_answer_has_nothing_to_do_with_other_deletions(open_house: Open) -> None:
    house = await open_house(model=Actor(says("the disk is red, says bob")))
    await house.say(BOB, "the disk is red", id="m1")
    await house.say(CARL, "red is a fine colour for a disk in the sun", id="m2")
    await house.say(CARL, "lunch?", id="m3")
    await house.ask(ANA, "what did bob say?")

    await house.engine.deleted(GENERAL, "m3")

    assert "the disk is red, says bob" in await house.texts()


async def test_a_deleted_answer_of_hers_is_forgotten(house: House) -> None:
    await house.ask(ANA, "hello")
    [_, answer] = await house.remembered()

    await house.engine.deleted(GENERAL, answer.id)

    assert await house.texts() == ["hello"]


async def test_deleting_twice_is_deleting_once(house: House) -> None:
    await house.say(BOB, "hello", id="m1")

    await house.engine.deleted(GENERAL, "m1")
    await house.engine.deleted(GENERAL, "m1")

    assert await house.rows("SELECT count(*), max(window_tokens) FROM channel, message") == [(1, 0)]


async def test_the_canary_leaves_segments_and_digest_at_once_and_for_good(
    open_house: Open,
) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.say(BOB, f"the disk code is {CANARY}", id="m1")
    await house.history(*(f"talk about {n} other things" for n in range(60)))
    await house.compact()
    assert "segment.statements" in await house.traces(CANARY)
    assert CANARY in await prompt_text(house)

    await house.engine.deleted(GENERAL, "m1")

    assert CANARY not in await prompt_text(house)
    assert CANARY not in (await house.command("memory show")).text
    await tidy(house.engine.compaction)
    assert await house.traces(CANARY) == []
    assert "talk about 0 other things" in await prompt_text(house)


async def test_an_edited_canary_leaves_segments_and_digest_too(open_house: Open) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.say(BOB, f"the disk code is {CANARY}", id="m1")
    await house.history(*(f"talk about {n} other things" for n in range(60)))
    await house.compact()

    await house.engine.edited(GENERAL, "m1", "the disk code is secret")

    assert CANARY not in await prompt_text(house)
    await tidy(house.engine.compaction)
    assert await house.traces(CANARY) == []
    assert "the disk code is secret" in await prompt_text(house)


async def test_who_opted_out_is_answered_and_not_remembered(house: House) -> None:
    said = await house.command("memory optout", BOB)

    answer = await house.ask(BOB, f"the code is {CANARY}", link=f"https://x/{CANARY}")
    await house.say(BOB, f"{CANARY} again", thread="t1")

    assert "remember nothing" in said.text
    assert answer == f"You said: the code is {CANARY}"
    assert await house.texts() == []
    assert await house.traces(CANARY) == []
    assert CANARY not in await prompt_text(house)


async def test_questions_of_who_opted_out_leave_no_trace_while_they_wait(open_house: Open) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, says("one")), repeats, says("fine")))
    await house.command("memory optout", BOB)
    await house.begin(ANA, "one", thread="t1")
    turn = await house.begin(BOB, f"two {CANARY}", thread="t1", id="q2")

    gate.set()
    await house.engine.lanes.idle()

    assert CANARY in house.stage.shown[turn]
    assert await house.traces(CANARY) == []


async def test_opting_in_again_remembers_from_then_on(house: House) -> None:
    await house.command("memory optout", BOB)
    await house.say(BOB, "not this")
    await house.command("memory optout off", BOB)

    await house.say(BOB, "but this")

    assert await house.texts() == ["but this"]


async def test_opting_out_here_says_nothing_about_elsewhere(house: House) -> None:
    other = Channel("stage", "team", "C2", "other")
    await house.command("memory optout", BOB)

    await house.say(BOB, "hello", channel=other)

    assert await house.texts(other) == ["hello"]


class Telling(Stage):
    """Breaks once when an answer is whole, after something was taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.whole, self.go_on = asyncio.Event(), asyncio.Event()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        first = not self.whole.is_set()
        await super().deliver(turn, text, posts)
        if first:
            self.whole.set()
            await self.go_on.wait()
            raise ConnectionError("the platform is away")


async def test_an_answer_is_made_again_when_its_material_was_taken_back_before_it_was_shown(
    open_house: Open,
) -> None:
    stage = Telling()
    house = await open_house(model=Actor(repeats), stage=stage)
    await house.say(BOB, f"the disk code is {CANARY}", id="m1")
    turn = await house.begin(ANA, "what is the disk code?")
    await stage.whole.wait()
    assert CANARY in stage.shown[turn]

    await house.engine.deleted(GENERAL, "m1")
    stage.go_on.set()
    await house.engine.lanes.idle()

    assert CANARY not in stage.shown[turn]
    assert len(house.model.prompts) == 2
    assert await house.traces(CANARY) == []


async def test_a_digest_that_lost_a_source_meanwhile_and_was_repaired_still_spoils_the_answer(
    open_house: Open,
) -> None:
    gate = asyncio.Event()
    house = await open_house(model=Actor(waits(gate, repeats), says("fine")), **SMALL)
    await house.history(f"the disk code is {CANARY}", *LINES)
    await house.compact()
    house.model.begun.clear()
    await house.begin(ANA, "tell me about ships?")
    await house.model.begun.wait()
    assert CANARY in "".join(one.text for one in house.model.asked("answer")[0].said)

    [first] = [one for one in await house.remembered() if CANARY in one.text]
    await house.engine.deleted(GENERAL, first.id)
    await house.engine.compaction.repair(await house.id())
    gate.set()
    await house.engine.lanes.idle()

    assert await house.traces(CANARY) == []


async def test_history_does_not_bring_back_an_answer_that_is_not_remembered(house: House) -> None:
    await house.command("memory optout")
    await house.ask(ANA, "hello")
    [[turn]] = await house.rows("SELECT id FROM turn")

    new = await house.engine.remember([said(NELLIE, "You said: hello", id=f"post-{turn}")])

    assert new == 0
    assert await house.texts() == []


class Late(Stage):
    """Breaks when the answer is whole; the second delivery waits before it ends."""

    def __init__(self) -> None:
        super().__init__(failures=0)
        self.again, self.go_on = asyncio.Event(), asyncio.Event()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        if turn.attempts > 1:
            self.again.set()
            await self.go_on.wait()
        await super().deliver(turn, text, posts)
        if turn.attempts == 1:
            await self.broken()
            raise ConnectionError("the platform is away")

    async def broken(self) -> None:
        """What happens meanwhile."""


async def test_an_answer_delivered_again_is_not_remembered_when_its_window_lost_something(
    open_house: Open,
) -> None:
    stage = Late()
    house = await open_house(model=Actor(says(f"it is {CANARY}")), stage=stage, **SMALL)
    await house.history(*LINES)
    await house.compact()
    await house.say(BOB, f"it is {CANARY}", id="m1")

    async def persona_is_set() -> None:
        await house.engine.channels.set(await house.id(), column="persona", value="You are calm.")

    stage.broken = persona_is_set  # type: ignore[method-assign]  # any change of the channel
    await house.begin(ANA, "what?")
    await stage.again.wait()

    await house.engine.deleted(GENERAL, "m1")
    stage.go_on.set()
    await house.engine.lanes.idle()

    assert await house.traces(CANARY) == []

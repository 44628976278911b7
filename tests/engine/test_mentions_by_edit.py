"""A mention that an edit adds asks, once; and a message that is posted again goes on as it was."""

import asyncio
from datetime import UTC, datetime

import pytest
from doubles.start_nellie import Start, next_prompt

from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    new_message,
    says,
    stalls,
    waits,
)


async def edit(nellie: RunningNellie, id: str, text: str, **more: object) -> int | None:
    """What an adapter reports of an edit that adds a mention."""
    await nellie.parts.inbox.edited(GENERAL, id, text)
    received = await nellie.say(
        ANA, text, id=id, addressed=True, edited_at=datetime.now(UTC), **more
    )
    await nellie.parts.lanes.idle()
    return received.turn


async def test_a_mention_that_an_edit_adds_is_answered(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "where is the rope", id="m1")
    await nellie.say(BOB, "no idea")

    turn = await edit(nellie, "m1", "where is the long rope?", thread="m1")

    assert turn
    assert nellie.platform.shown[turn] == "You said: where is the long rope?"
    assert await nellie.texts() == [
        "where is the long rope?",
        "no idea",
        "You said: where is the long rope?",
    ]
    question = (await nellie.messages())[0]
    assert (question.addressed, question.thread) == (True, "m1")


async def test_it_is_answered_once_however_often_it_is_edited_or_delivered(
    nellie: RunningNellie,
) -> None:
    await nellie.say(ANA, "where is the rope", id="m1")

    turns = [await edit(nellie, "m1", f"where is rope {n}?") for n in range(3)]

    assert [bool(turn) for turn in turns] == [True, False, False]
    assert len(nellie.model.prompts) == 1


async def test_editing_an_answered_question_does_not_answer_it_again(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(ANA, "where is the rope?", id="q1")
    await nellie.ask(ANA, "first", thread="t1")
    await nellie.say(ANA, "and the follow-up?", thread="t1", id="q2")
    await nellie.parts.lanes.idle()

    assert await edit(nellie, "q1", "where is the anchor?") is None
    assert await edit(nellie, "q2", "and this follow-up?", thread="t1") is None


async def test_an_edit_of_what_was_never_heard_asks_too(nellie: RunningNellie) -> None:
    assert await edit(nellie, "m9", "where is the rope?")


async def test_an_edit_of_what_was_forgotten_asks_nothing(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "where is the rope", id="m1")
    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert await edit(nellie, "m1", "where is the rope?") is None
    assert await nellie.texts() == []


async def test_a_person_who_opted_out_asks_by_an_edit_and_is_not_remembered(
    nellie: RunningNellie,
) -> None:
    await nellie.run_command("memory optout")
    await nellie.say(ANA, "where is the rope", id="m1")

    turn = await edit(nellie, "m1", "where is the rope?")

    assert turn
    assert nellie.platform.shown[turn] == "You said: where is the rope?"
    assert await nellie.find_traces("rope") == []


async def test_a_follow_up_is_understood_after_a_mention_by_edit(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "where is the rope", id="m1")
    await edit(nellie, "m1", "where is the rope?", thread="m1")

    received = await nellie.say(ANA, "and the anchor?", thread="m1")

    assert received.turn


async def test_a_repost_goes_on_with_memory_and_answer(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "A: where is the rope?", id="m1")
    repost = new_message(ANA, "where is the rope?", id="m2", addressed=True, link="http://x/m2")

    await nellie.parts.inbox.reposted("m1", repost)
    await nellie.parts.lanes.idle()

    question, _answer = await nellie.messages()
    assert (question.id, question.text, question.link) == (
        "m2",
        "where is the rope?",
        "http://x/m2",
    )
    assert len(nellie.model.prompts) == 1


async def test_a_repost_of_what_is_being_answered_lets_the_answer_end(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("at quay 7"))))
    turn = await nellie.open_turn(ANA, "where is the rope?", id="m1")
    await nellie.model.called.wait()

    await nellie.parts.inbox.reposted("m1", new_message(ANA, "where is the rope?", id="m2"))
    gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "at quay 7"
    assert await nellie.texts() == ["where is the rope?", "at quay 7"]


async def test_the_former_message_of_a_repost_cannot_come_back(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "where is the rope?", id="m1")
    await nellie.parts.inbox.reposted("m1", new_message(ANA, "where is the rope?", id="m2"))

    again = await nellie.say(ANA, "where is the rope?", id="m1", addressed=True)

    assert (again.seq, again.turn) == (0, None)


async def test_a_repost_that_is_deleted_is_forgotten_with_its_answer(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(ANA, "where is the rope?", id="m1")
    await nellie.parts.inbox.reposted("m1", new_message(ANA, "where is the rope?", id="m2"))

    await nellie.parts.inbox.deleted(GENERAL, "m2")

    assert await nellie.find_traces("rope") == []
    assert "rope" not in await next_prompt(nellie)


async def test_a_repost_of_what_is_unknown_or_gone_is_a_message(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "the rope is long", id="m1")
    await nellie.parts.inbox.deleted(GENERAL, "m1")

    await nellie.parts.inbox.reposted("m1", new_message(ANA, "the rope is long", id="m2"))
    await nellie.parts.inbox.reposted("m7", new_message(ANA, "the anchor too", id="m8"))

    assert await nellie.texts() == ["the rope is long", "the anchor too"]


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_repost_that_is_deleted_in_mid_answer_stops_the_answer(
    start_nellie: Start, elsewhere: bool
) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("at quay"), says("fine")))
    hears = await start_nellie() if elsewhere else nellie
    await nellie.open_turn(ANA, "where is the rope?", id="m1")
    await nellie.platform.something_shown.wait()

    await hears.parts.inbox.reposted("m1", new_message(ANA, "where is the rope?", id="m2"))
    await hears.parts.inbox.deleted(GENERAL, "m2")
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == []
    assert await nellie.find_traces("rope") == []
    assert await nellie.ask(ANA, "hello") == "fine"


async def test_a_repost_that_is_deleted_before_it_is_known_as_one_stops_the_answer(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("at quay"), says("fine")))
    await nellie.open_turn(ANA, "where is the rope?", id="m1")
    await nellie.platform.something_shown.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m2")
    await nellie.parts.inbox.reposted("m1", new_message(ANA, "where is the rope?", id="m2"))
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == []
    assert await nellie.ask(ANA, "hello") == "fine"


@pytest.mark.parametrize("asked_again", [True, False])
async def test_a_second_replica_that_hears_of_a_repost_changes_nothing(
    start_nellie: Start, asked_again: bool
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("at quay 7"))))
    other = await start_nellie()
    turn = await nellie.open_turn(ANA, "where is the rope?", id="m1")
    await nellie.model.called.wait()
    repost = new_message(ANA, "where is the rope?", id="m2", addressed=asked_again)

    for replica in (nellie, other):
        await replica.parts.inbox.reposted("m1", repost)
    gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "at quay 7"
    assert await nellie.texts() == ["where is the rope?", "at quay 7"]

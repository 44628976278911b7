"""Edits while an answer is made: what they take away is in no answer that is remembered."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from doubles.start_nellie import CANARY, SMALL_WINDOW, TALK, Start, next_prompt

from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    repeats_prompt,
    says,
    waits,
)


class BreaksOnce(FakePlatform):
    """Breaks once, when an answer is whole."""

    broken = False

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        await super().deliver(turn, text, delivery_log)
        if not self.broken:
            self.broken = True
            raise ConnectionError("the platform is away")


async def asked(nellie: RunningNellie, question: str, **fields: object) -> int:
    """Ana asks, and the model has read the prompt."""
    nellie.model.called.clear()
    turn = await nellie.open_turn(ANA, question, **fields)
    await nellie.model.called.wait()
    return turn


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("what is the disk code?", "the disk code is secret"),
        ("what did he just say?", "never mind"),
        ("¿cuál es el código?", "der Code ist geheim"),
    ],
)
async def test_an_answer_made_from_words_that_an_edit_takes_away_is_not_remembered(
    start_nellie: Start, question: str, now: str
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt), says("fine")))
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    await asked(nellie, question)

    await nellie.parts.inbox.edited(GENERAL, "m1", now)
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == [now, question]
    assert await nellie.find_traces(CANARY) == []
    assert CANARY not in await next_prompt(nellie)


async def test_an_edit_that_another_replica_hears_counts_too(start_nellie: Start) -> None:
    gate = asyncio.Event()
    answering = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt)))
    hearing = await start_nellie()
    await answering.say(BOB, f"the disk code is {CANARY}", id="m1")
    await asked(answering, "what is the disk code?")

    await hearing.parts.inbox.edited(GENERAL, "m1", "the disk code is secret")
    gate.set()
    await answering.parts.lanes.idle()

    assert await answering.find_traces(CANARY) == []


async def test_words_of_what_was_recalled_are_taken_from_the_answer_too(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(
        model=ScriptedModel(waits(gate, repeats_prompt), says("fine")), **SMALL_WINDOW
    )
    await nellie.add_history(f"the disk code is {CANARY}", *TALK)
    await nellie.compact()
    await asked(nellie, "what is the disk code?")
    [old] = [one for one in await nellie.messages() if CANARY in one.text]

    await nellie.parts.inbox.edited(GENERAL, old.id, "the disk code is secret")
    await nellie.parts.compaction.repair(await nellie.channel_id())
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces(CANARY) == []


async def test_the_answer_to_a_question_that_is_rewritten_keeps_none_of_its_words(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt)))
    await asked(nellie, f"is {CANARY} the code?", id="q1")

    await nellie.parts.inbox.edited(GENERAL, "q1", "is it Tuesday?")
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == ["is it Tuesday?"]
    assert await nellie.find_traces(CANARY) == []


async def test_an_answer_that_is_delivered_again_after_an_edit_is_made_again(
    start_nellie: Start,
) -> None:
    gate, platform = asyncio.Event(), BreaksOnce()
    nellie = await start_nellie(
        model=ScriptedModel(waits(gate, repeats_prompt), repeats_prompt), platform=platform
    )
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    turn = await asked(nellie, "what is the disk code?")

    await nellie.parts.inbox.edited(GENERAL, "m1", "the disk code is secret")
    gate.set()
    await nellie.parts.lanes.idle()

    assert CANARY not in platform.shown[turn]
    assert "the disk code is secret" in (await nellie.texts())[-1]
    assert len(nellie.model.prompts) == 2
    assert await nellie.find_traces(CANARY) == []


@pytest.mark.parametrize(
    ("answer", "now"),
    [
        ("It is red.", "the disk is red, at last"),  # nothing is taken away
        ("It is red.", "the disk, red"),  # what is taken away is not in the answer
        ("It was said before.", "nothing"),
    ],
)
async def test_an_answer_without_the_words_that_go_is_remembered(
    start_nellie: Start, answer: str, now: str
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says(answer))))
    await nellie.say(BOB, "the disk shines red", id="m1")
    await asked(nellie, "which colour has it?")

    await nellie.parts.inbox.edited(GENERAL, "m1", now)
    gate.set()
    await nellie.parts.lanes.idle()

    assert (await nellie.texts())[-1] == answer


async def test_what_went_before_the_answer_began_takes_nothing_from_it(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(
        model=ScriptedModel(waits(gate, says("One.")), says("The disk shines, I guess."))
    )
    await nellie.say(BOB, "the disk shines red", id="m1")
    await asked(nellie, "one?", thread="t1")
    await nellie.open_turn(ANA, "two?", thread="t1")

    await nellie.parts.inbox.edited(GENERAL, "m1", "the disk is red")
    gate.set()
    await nellie.parts.lanes.idle()

    assert (await nellie.texts())[-1] == "The disk shines, I guess."

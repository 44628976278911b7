"""Deletions while an answer is made: it is cancelled, made again or not remembered."""

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
    ScriptedModel,
    repeats_prompt,
    says,
    stalls,
    waits,
)


class BreaksAfterTheAnswer(FakePlatform):
    """Breaks when the answer is whole; the second delivery waits before it begins."""

    def __init__(self) -> None:
        super().__init__()
        self.again, self.go_on = asyncio.Event(), asyncio.Event()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        if turn.attempts > 1:
            self.again.set()
            await self.go_on.wait()
        await super().deliver(turn, text, delivery_log)
        if turn.attempts == 1:
            await self.after_breaking()
            raise ConnectionError("the platform is away")

    async def after_breaking(self) -> None:
        """What happens before the second delivery."""


class BreaksOnce(FakePlatform):
    """Breaks once when an answer is whole, as soon as it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.whole, self.go_on = asyncio.Event(), asyncio.Event()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        first = not self.whole.is_set()
        await super().deliver(turn, text, delivery_log)
        if first:
            self.whole.set()
            await self.go_on.wait()
            raise ConnectionError("the platform is away")


async def test_deleting_the_question_while_the_model_runs_cancels_the_turn(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt), says("fine")))
    turn = await nellie.open_turn(ANA, f"is {CANARY} the code?", id="q1")
    await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "q1")
    gate.set()
    await nellie.parts.turns.wait_until_ended(turn)
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT state FROM turn") == [("cancelled",)]
    assert CANARY not in await next_prompt(nellie)


async def test_deleting_the_question_stops_the_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("so far"), says("fine")))
    await nellie.open_turn(ANA, "talk", id="q1")
    await nellie.platform.something_shown.wait()

    await nellie.parts.inbox.deleted(GENERAL, "q1")
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == []
    assert await nellie.ask(ANA, "hello") == "fine"


async def test_a_deletion_that_another_replica_hears_stops_the_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("so far"), says("fine")))
    other = await start_nellie()
    await nellie.open_turn(ANA, "talk", id="q1")
    await nellie.platform.something_shown.wait()

    await other.parts.inbox.deleted(GENERAL, "q1")
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == []


async def test_deleting_a_waiting_question_cancels_its_turn(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("one")), says("never")))
    await nellie.open_turn(ANA, "one", thread="t1")
    await nellie.open_turn(ANA, f"two {CANARY}", thread="t1", id="q2")

    await nellie.parts.inbox.deleted(GENERAL, "q2")
    gate.set()
    await nellie.parts.lanes.idle()

    assert len(nellie.model.prompts) == 1
    assert await nellie.find_traces(CANARY) == []


@pytest.mark.parametrize("question", ["what is the disk code?", "what did he just say?"])
async def test_an_answer_that_cites_what_is_deleted_meanwhile_is_not_remembered(
    start_nellie: Start, question: str
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, repeats_prompt), says("fine")))
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    await nellie.open_turn(ANA, question)
    await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.texts() == [question]
    assert await nellie.find_traces(CANARY) == []


async def test_an_answer_is_made_again_when_its_material_was_deleted_before_it_was_shown(
    start_nellie: Start,
) -> None:
    platform = BreaksOnce()
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt), platform=platform)
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    turn = await nellie.open_turn(ANA, "what is the disk code?")
    await platform.whole.wait()
    assert CANARY in platform.shown[turn]

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    platform.go_on.set()
    await nellie.parts.lanes.idle()

    assert CANARY not in platform.shown[turn]
    assert len(nellie.model.prompts) == 2
    assert await nellie.find_traces(CANARY) == []


async def test_a_digest_that_lost_a_source_meanwhile_and_was_repaired_still_spoils_the_answer(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(
        model=ScriptedModel(waits(gate, repeats_prompt), says("fine")), **SMALL_WINDOW
    )
    await nellie.add_history(f"the disk code is {CANARY}", *TALK)
    await nellie.compact()
    nellie.model.called.clear()
    await nellie.open_turn(ANA, "tell me about ships?")
    await nellie.model.called.wait()
    assert CANARY in "".join(one.text for one in nellie.model.prompts_for("answer")[0].messages)

    [first] = [one for one in await nellie.messages() if CANARY in one.text]
    await nellie.parts.inbox.deleted(GENERAL, first.id)
    await nellie.parts.compaction.repair(await nellie.channel_id())
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces(CANARY) == []


async def test_an_answer_delivered_again_is_not_remembered_when_its_window_lost_something(
    start_nellie: Start,
) -> None:
    platform = BreaksAfterTheAnswer()
    nellie = await start_nellie(
        model=ScriptedModel(says(f"it is {CANARY}")), platform=platform, **SMALL_WINDOW
    )
    await nellie.add_history(*TALK)
    await nellie.compact()
    await nellie.say(BOB, f"it is {CANARY}", id="m1")

    async def set_persona() -> None:
        await nellie.parts.stores.channels.set_persona(await nellie.channel_id(), "You are calm.")

    platform.after_breaking = set_persona  # type: ignore[method-assign]  # any change of the channel
    await nellie.open_turn(ANA, "what?")
    await platform.again.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    platform.go_on.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces(CANARY) == []

"""Edits: what is remembered is rewritten, and nothing is asked again."""

import asyncio

import pytest
from doubles.start_nellie import CANARY, Start, next_prompt

from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    repeats_prompt,
    says,
    waits,
)


async def test_an_edit_rewrites_what_is_remembered_and_asks_nothing(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, f"is {CANARY} the code?", id="q1")

    await nellie.parts.inbox.edited(GENERAL, "q1", "is it Tuesday?")
    await nellie.parts.lanes.idle()

    assert (await nellie.texts())[0] == "is it Tuesday?"
    assert len(nellie.model.prompts) == 1
    found = await nellie.run_command("memory search Tuesday")
    assert "is it Tuesday?" in found.text
    assert "is it Tuesday?" in await next_prompt(nellie)


async def test_an_edit_before_the_answer_begins_changes_the_question(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("yes")), says("no")))
    await nellie.open_turn(ANA, "one", thread="t1")
    await nellie.open_turn(ANA, "two", thread="t1", id="q2")

    await nellie.parts.inbox.edited(GENERAL, "q2", "two and a half")
    gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.model.prompts[-1].messages[-1].text.endswith("ana: two and a half")


async def test_an_edit_of_what_was_never_seen_changes_nothing(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.edited(GENERAL, "nobody-knows", "hello")

    assert await nellie.texts() == []


async def test_an_edit_to_strange_characters_is_cleaned(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is red", id="m")

    await nellie.parts.inbox.edited(GENERAL, "m", "a\x00\ud83d\u202eb")

    assert await nellie.texts() == ["a\ufffd\ufffdb"]


async def test_an_edit_to_nothing_is_a_deletion(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, f"is {CANARY} the code?", id="q1")

    await nellie.parts.inbox.edited(GENERAL, "q1", " \n")

    assert await nellie.find_traces(CANARY) == []


async def test_an_edited_canary_leaves_segments_and_digest_too(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    await nellie.add_history(*(f"talk about {n} other things" for n in range(60)))
    await nellie.compact()

    await nellie.parts.inbox.edited(GENERAL, "m1", "the disk code is secret")

    assert CANARY not in await next_prompt(nellie)
    await nellie.parts.jobs.compact_due()
    assert await nellie.find_traces(CANARY) == []
    assert "the disk code is secret" in await next_prompt(nellie)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (f"the disk code is {CANARY}", "the disk code is secret", CANARY),
        ("Wir treffen uns in Quedlinburg", "Wir treffen uns", "Quedlinburg"),
        ("пароль от двери Жираф", "пароль скажу лично", "Жираф"),
    ],
)
async def test_words_that_an_edit_took_away_leave_the_answers_that_repeated_them(
    start_nellie: Start, before: str, after: str, lost: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt, says("fine")))
    await nellie.say(BOB, before, id="q5")
    await nellie.ask(ANA, "what do we know?")

    await nellie.parts.inbox.edited(GENERAL, "q5", after)

    assert await nellie.texts() == [after, "what do we know?"]
    assert await nellie.find_traces(lost) == []
    assert lost not in await next_prompt(nellie)


async def test_an_answer_that_holds_nothing_of_what_an_edit_took_away_stays(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("Ask the harbour office.")))
    await nellie.say(BOB, f"the disk code is {CANARY}", id="q5")
    await nellie.ask(ANA, "what is the disk code?", id="q6")

    await nellie.parts.inbox.edited(GENERAL, "q5", "the disk code is secret")
    await nellie.parts.inbox.edited(GENERAL, "q6", "what was the disk code?")

    assert (await nellie.texts())[-1] == "Ask the harbour office."

"""Opting out: whoever did is answered, and nothing of theirs is remembered."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.start_nellie import CANARY, Start, next_prompt

from bot.domain.model import NELLIE, Channel
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    new_message,
    repeats_prompt,
    says,
    waits,
)
from bot.testing.fake_platform import ADDRESS

Change = Callable[[RunningNellie, str], Awaitable[None]]


async def test_who_opted_out_is_answered_and_not_remembered(nellie: RunningNellie) -> None:
    reply = await nellie.run_command("memory optout", BOB)

    answer = await nellie.ask(BOB, f"the code is {CANARY}", link=f"https://x/{CANARY}")
    await nellie.say(BOB, f"{CANARY} again", thread="t1")

    assert "remember nothing" in reply.text
    assert answer == f"You said: the code is {CANARY}"
    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []
    assert CANARY not in await next_prompt(nellie)


async def test_questions_of_who_opted_out_leave_no_trace_while_they_wait(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(
        model=ScriptedModel(waits(gate, says("one")), repeats_prompt, says("fine"))
    )
    await nellie.run_command("memory optout", BOB)
    await nellie.open_turn(ANA, "one", thread="t1")
    turn = await nellie.open_turn(BOB, f"two {CANARY}", thread="t1", id="q2")

    gate.set()
    await nellie.parts.lanes.idle()

    assert CANARY in nellie.platform.shown[turn]
    assert await nellie.find_traces(CANARY) == []


async def test_opting_in_again_remembers_from_then_on(nellie: RunningNellie) -> None:
    await nellie.run_command("memory optout", BOB)
    await nellie.say(BOB, "not this")
    await nellie.run_command("memory optout off", BOB)

    await nellie.say(BOB, "but this")

    assert await nellie.texts() == ["but this"]


async def test_opting_out_here_says_nothing_about_elsewhere(nellie: RunningNellie) -> None:
    other = Channel("fake", "team", "C2", "other")
    await nellie.run_command("memory optout", BOB)

    await nellie.say(BOB, "hello", channel=other)

    assert await nellie.texts(other) == ["hello"]


async def test_history_does_not_bring_back_an_answer_that_is_not_remembered(
    nellie: RunningNellie,
) -> None:
    await nellie.run_command("memory optout")
    await nellie.ask(ANA, "hello")
    [[turn]] = await nellie.rows("SELECT id FROM turn")

    new = await nellie.parts.acceptance.remember(
        [new_message(NELLIE, "You said: hello", id=f"post-{turn}")]
    )

    assert new == 0
    assert await nellie.texts() == []


async def edit_as_heard(nellie: RunningNellie, text: str) -> None:
    await nellie.parts.inbox.edited(GENERAL, "m-old", text)


async def edit_unheard(nellie: RunningNellie, text: str) -> None:
    nellie.platform.edit("m-old", text)
    await nellie.parts.inbox.review(GENERAL)


async def repost(nellie: RunningNellie, text: str) -> None:
    await nellie.parts.inbox.reposted("m-old", new_message(BOB, text, id="m-new"))


@pytest.mark.parametrize("change", [edit_as_heard, edit_unheard, repost])
async def test_an_edit_by_who_opted_out_since_leaves_neither_new_words_nor_old(
    nellie: RunningNellie, change: Change
) -> None:
    message = new_message(BOB, "lunch at noon", id="m-old", link=f"{ADDRESS}m-old")
    nellie.platform.messages.append(message)
    await nellie.parts.inbox.receive(message)
    await nellie.say(CARL, "I bring salad")
    await nellie.run_command("memory optout", BOB)

    await change(nellie, f"my secret is {CANARY}")

    assert await nellie.texts() == ["I bring salad"]
    assert await nellie.find_traces(CANARY) == []
    assert CANARY not in await next_prompt(nellie)


async def test_an_edit_that_changes_no_word_leaves_what_was_said_before_opting_out(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "lunch at noon", id="m-old")
    await nellie.run_command("memory optout", BOB)

    await edit_as_heard(nellie, "lunch at noon")

    assert await nellie.texts() == ["lunch at noon"]

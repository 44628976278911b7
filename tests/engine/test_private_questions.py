"""Private questions: answered from the channel's memory, for the asker's eyes alone."""

import asyncio

import pytest
from doubles.start_nellie import CANARY, Start

from bot.core import supervision
from bot.domain.model import Author
from bot.testing import (
    ANA,
    BOB,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    echoes,
    stalls,
    waits,
)

ASKER = Author("U7", f"dora {CANARY}")
QUESTION = {"private": True, "mentions": ("U2", "U3"), "link": f"https://example.org/{CANARY}"}
"""What a private question bears, besides its text."""


async def check_kept_private(nellie: RunningNellie, turn: int) -> None:
    """The platform was told whom the answer is for, and nothing of it is in memory."""
    delivered = nellie.platform.turns[turn]
    assert delivered.private
    assert delivered.asker == ASKER
    assert delivered.trigger.mentions == ("U2", "U3")
    assert nellie.platform.shown[turn] == f"You said: my {CANARY} question?"
    assert await nellie.find_traces(CANARY) == []


async def test_a_private_question_is_answered_from_memory_and_leaves_no_trace(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the backup runs at noon")

    answer = await nellie.ask(ANA, "my private backup question?", private=True)

    assert answer == "You said: my private backup question?"
    assert "backup runs at noon" in "".join(one.text for one in nellie.model.prompts[-1].messages)
    assert await nellie.texts() == ["the backup runs at noon"]
    assert await nellie.find_traces("private backup") == []


async def test_a_private_question_that_is_answered_at_once_is_kept_private(
    nellie: RunningNellie,
) -> None:
    turn = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)
    await nellie.parts.lanes.idle()

    await check_kept_private(nellie, turn)


async def test_a_private_question_that_waited_is_kept_private(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, echoes), echoes))
    await nellie.open_turn(ASKER, "the first of two quick questions?", private=True)
    turn = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)

    gate.set()
    await nellie.parts.lanes.idle()

    await check_kept_private(nellie, turn)
    assert await nellie.texts() == []


async def test_a_private_question_that_was_taken_over_is_kept_private(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("so")))
    running = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)
    waiting = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)
    await nellie.platform.something_shown.wait()
    await nellie.crash()

    successor = await start_nellie(platform=FakePlatform())
    for turn in (running, waiting):
        await successor.parts.turns.wait_until_ended(turn)

    await successor.parts.lanes.idle()
    for turn in (running, waiting):
        await check_kept_private(successor, turn)
    assert await successor.texts() == []


async def test_a_private_question_that_met_a_restart_is_kept_private(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "ENDING", 0.1)
    nellie = await start_nellie(model=ScriptedModel(stalls("so")))
    turn = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)
    await nellie.platform.something_shown.wait()
    await nellie.close()

    successor = await start_nellie(platform=FakePlatform())
    await successor.parts.turns.wait_until_ended(turn)
    await successor.parts.lanes.idle()

    await check_kept_private(successor, turn)
    assert await successor.texts() == []


async def test_the_asker_of_a_waiting_private_question_is_known_and_can_stop_it(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("so")))
    first = await nellie.open_turn(ASKER, "the first of two quick questions?", private=True)
    turn = await nellie.open_turn(ASKER, f"my {CANARY} question?", **QUESTION)
    await nellie.platform.something_shown.wait()

    found = await nellie.parts.turns.get(turn)
    assert found
    assert (found.private, found.asker) == (True, ASKER)
    await nellie.parts.turns.stop(first)
    while turn not in nellie.platform.shown:
        nellie.platform.something_shown.clear()
        await nellie.platform.something_shown.wait()
    await nellie.parts.turns.stop(found.id)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn].endswith(" (stopped)")
    assert await nellie.find_traces(CANARY) == []

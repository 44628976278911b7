"""What people do with an answer: stop it, retry it, rate it."""

import asyncio

import pytest
from doubles.start_nellie import Start, check_memory

from bot.domain.errors import ModelOverloaded
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    breaks,
    echoes,
    says,
    stalls,
)
from bot.testing.scripted_model import waits

BUSY = ModelOverloaded(model="m", reason="busy")


async def test_a_failed_answer_is_made_again_in_its_place(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(breaks(BUSY, "The disk"), says("The disk is full."))
    )
    turn = await nellie.open_turn(ANA, "what is wrong?")
    await nellie.parts.lanes.idle()
    assert "broke off" in nellie.platform.shown[turn]

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "The disk is full."
    assert nellie.platform.turns[turn].posted == (f"post-{turn}",)
    assert await nellie.texts() == ["what is wrong?", "The disk is full."]
    assert await nellie.find_traces("broke off") == []
    assert await nellie.rows("SELECT state, error FROM turn") == [("done", None)]
    await check_memory(nellie)


async def test_a_stopped_answer_can_be_made_again(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("Well"), echoes))
    turn = await nellie.open_turn(ANA, "hm?")
    await nellie.platform.something_shown.wait()
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "You said: hm?"
    assert await nellie.texts() == ["hm?", "You said: hm?"]


async def test_an_answer_that_was_given_or_whose_question_was_deleted_is_not_made_again(
    nellie: RunningNellie,
) -> None:
    given = await nellie.open_turn(ANA, "hello")
    await nellie.parts.lanes.idle()
    assert not await nellie.parts.turns.retry(given)
    assert not await nellie.parts.turns.retry(12345)

    nellie.model.follow("answer", breaks(BUSY))
    failed = await nellie.open_turn(ANA, "secret?", id="gone")
    await nellie.parts.lanes.idle()
    await nellie.parts.inbox.deleted(GENERAL, "gone")
    assert not await nellie.parts.turns.retry(failed)


async def test_an_answer_made_again_waits_for_its_lane(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(breaks(BUSY), stalls("Well"), echoes))
    failed = await nellie.open_turn(ANA, "first?")
    await nellie.parts.lanes.idle()
    nellie.platform.something_shown.clear()
    busy = await nellie.open_turn(ANA, "second?")
    await nellie.platform.something_shown.wait()

    assert await nellie.parts.turns.retry(failed)
    await nellie.parts.turns.stop(busy)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[failed] == "You said: first?"
    assert nellie.platform.started == [failed, busy, failed]


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_question_that_waits_is_stopped_at_once(
    start_nellie: Start, elsewhere: bool
) -> None:
    gate = asyncio.Event()
    here = await start_nellie(model=ScriptedModel(waits(gate, says("One.")), echoes, echoes))
    there = await start_nellie() if elsewhere else here
    first, second, third = [await here.open_turn(ANA, f"{name}?") for name in ("a", "b", "c")]

    await there.parts.turns.stop(second)
    await asyncio.wait_for(there.parts.turns.wait_until_ended(second), 1)

    states = "SELECT id, state, error FROM turn ORDER BY id"
    assert await here.rows(states) == [
        (first, "running", None),
        (second, "done", "Stopped"),
        (third, "waiting", None),
    ]
    gate.set()
    await here.parts.lanes.idle()
    assert here.platform.shown == {first: "One.", third: "You said: c?"}
    assert await here.parts.turns.retry(second)
    await here.parts.lanes.idle()
    assert here.platform.shown[second] == "You said: b?"
    await check_memory(here)


async def test_of_a_private_question_that_waits_nothing_is_left_when_it_is_stopped(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("One."))))
    await nellie.open_turn(ANA, "a?", private=True)
    waiting = await nellie.open_turn(ANA, "the harbour?", private=True)

    await nellie.parts.turns.stop(waiting)
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces("harbour") == []
    query = "SELECT state, error, asker_id FROM turn WHERE id = :turn"
    assert await nellie.rows(query, turn=waiting) == [("done", "Stopped", "")]


async def test_an_answer_is_stopped_from_another_replica(start_nellie: Start) -> None:
    here, there = await start_nellie(model=ScriptedModel(stalls("Well"))), await start_nellie()
    turn = await here.open_turn(ANA, "hm?")
    await here.platform.something_shown.wait()

    await there.parts.turns.stop(turn)
    await here.parts.lanes.idle()

    assert here.platform.shown[turn] == "Well (stopped)"


async def test_a_malformed_stop_notification_stops_no_turn(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("Well")))
    turn = await nellie.open_turn(ANA, "hm?")
    await nellie.platform.something_shown.wait()

    for payload in ("", "all", "-1", "9" * 400, "\u0661"):
        await nellie.rows("SELECT pg_notify('nellie_stop', :payload)", payload=payload)
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "Well (stopped)"


async def test_a_turn_is_found_with_its_question_whatever_became_of_it(
    nellie: RunningNellie,
) -> None:
    turn = await nellie.open_turn(ANA, "hello", thread="t1")
    await nellie.parts.lanes.idle()

    found = await nellie.parts.turns.get(turn)

    assert found
    assert (found.trigger.text, found.trigger.author, found.lane) == ("hello", ANA, "thread:t1")
    assert (found.channel, found.posted) == (GENERAL, (f"post-{turn}",))
    assert await nellie.parts.turns.get(12345) is None


async def test_each_person_rates_an_answer_once_and_may_change_their_mind(
    nellie: RunningNellie,
) -> None:
    turn = await nellie.open_turn(ANA, "hello")
    await nellie.parts.lanes.idle()

    for person, good in ((ANA, True), (BOB, True), (ANA, False), (ANA, False)):
        await nellie.parts.turns.rate(turn, person, good=good)
    await nellie.parts.turns.rate(12345, ANA, good=True)

    query = "SELECT turn_id, author_id, good FROM rating ORDER BY author_id"
    assert await nellie.rows(query) == [(turn, "U1", False), (turn, "U2", True)]


async def test_the_turn_of_a_thread_is_known_while_it_runs(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("Well")))
    turn = await nellie.open_turn(ANA, "hm?", id="m1")
    await nellie.platform.something_shown.wait()

    assert await nellie.parts.turns.running(GENERAL, "m1") == turn
    assert await nellie.parts.turns.running(GENERAL, "m2") is None
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()
    assert await nellie.parts.turns.running(GENERAL, "m1") is None


async def test_stopping_keeps_what_was_written_and_ends_the_turn(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("so far")))
    turn = await nellie.open_turn(ANA, "talk")
    await nellie.platform.something_shown.wait()

    await nellie.parts.turns.stop(turn)
    await nellie.parts.turns.wait_until_ended(turn)

    assert nellie.platform.shown[turn] == "so far (stopped)"
    assert await nellie.texts() == ["talk", "so far (stopped)"]
    assert await nellie.rows("SELECT purpose, estimated FROM usage") == [("answer", True)]


async def test_stopping_a_turn_that_is_over_changes_nothing(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "hello")

    await nellie.parts.turns.stop(nellie.platform.finished[0])
    await nellie.parts.turns.stop(12_345)

    assert await nellie.texts() == ["hello", "You said: hello"]


async def test_who_stops_an_answer_twice_stops_it(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("Well")))
    turn = await nellie.open_turn(ANA, "hm?")
    await nellie.platform.something_shown.wait()

    for _ in range(3):
        await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "Well (stopped)"

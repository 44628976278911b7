"""What operators see of turns that wait or failed, and answering those once more."""

from doubles.start_nellie import Start

from bot.domain.errors import ModelTimeout
from bot.store.turn_listing import TurnListing
from bot.testing import ANA, RunningNellie, ScriptedModel, breaks, says, stalls

FAILS = breaks(ModelTimeout(model="m", seconds=1))


async def test_a_turn_that_failed_is_shown_without_what_was_said(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(FAILS))
    turn = await nellie.open_turn(ANA, "where is the secret key?")
    await nellie.parts.lanes.idle()

    [shown] = await TurnListing(nellie.database).turns()

    assert (shown.turn, shown.state, shown.error) == (turn, "failed", "ModelTimeout")
    assert (shown.platform, shown.name, shown.person) == ("fake", "general", "ana")
    assert "secret" not in repr(shown)


async def test_what_is_owed_is_shown_and_what_was_answered_is_not(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("fine"), stalls("hm")))
    await nellie.ask(ANA, "answered")
    running = await nellie.open_turn(ANA, "being answered")
    waiting = await nellie.open_turn(ANA, "still waiting")

    shown = await TurnListing(nellie.database).turns()

    assert [(one.turn, one.state) for one in shown] == [(running, "running"), (waiting, "waiting")]
    await nellie.crash()  # the model would say nothing more


async def test_a_retried_turn_is_answered_by_a_running_replica(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(FAILS, says("here it is")))
    turn = await nellie.open_turn(ANA, "where is it?")
    await nellie.parts.lanes.idle()

    assert await TurnListing(nellie.database).retry(turn)
    await nellie.parts.turns.wait_until_ended(turn)

    assert nellie.platform.shown[turn] == "here it is"
    assert await nellie.texts() == ["where is it?", "here it is"]


async def test_what_was_answered_is_not_retried(nellie: RunningNellie) -> None:
    turn = await nellie.open_turn(ANA, "hello")
    await nellie.parts.lanes.idle()

    assert not await TurnListing(nellie.database).retry(turn)

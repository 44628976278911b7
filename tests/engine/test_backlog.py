"""What operators see of turns that wait or failed, and answering those once more."""

from doubles.house import ANA, House, Open
from doubles.model import Actor, breaks, says, stalls

from bot.errors import ModelTimeout
from bot.store.backlog import Backlog

FAILS = breaks(ModelTimeout(model="m", seconds=1))


async def test_a_turn_that_failed_is_shown_without_what_was_said(open_house: Open) -> None:
    house = await open_house(model=Actor(FAILS))
    turn = await house.begin(ANA, "where is the secret key?")
    await house.engine.lanes.idle()

    [shown] = await Backlog(house.database).turns()

    assert (shown.turn, shown.state, shown.error) == (turn, "failed", "ModelTimeout")
    assert (shown.platform, shown.name, shown.person) == ("stage", "general", "ana")
    assert "secret" not in repr(shown)


async def test_what_is_owed_is_shown_and_what_was_answered_is_not(open_house: Open) -> None:
    house = await open_house(model=Actor(says("fine"), stalls("hm")))
    await house.ask(ANA, "answered")
    running = await house.begin(ANA, "being answered")
    waiting = await house.begin(ANA, "still waiting")

    shown = await Backlog(house.database).turns()

    assert [(one.turn, one.state) for one in shown] == [(running, "running"), (waiting, "waiting")]
    for turn in (running, waiting):
        await house.engine.stop(turn)


async def test_a_retried_turn_is_answered_by_a_running_replica(open_house: Open) -> None:
    house = await open_house(model=Actor(FAILS, says("here it is")))
    turn = await house.begin(ANA, "where is it?")
    await house.engine.lanes.idle()

    assert await Backlog(house.database).retry(turn)
    await house.engine.over(turn)

    assert house.stage.shown[turn] == "here it is"
    assert await house.texts() == ["where is it?", "here it is"]


async def test_what_was_answered_is_not_retried(house: House) -> None:
    turn = await house.begin(ANA, "hello")
    await house.engine.lanes.idle()

    assert not await Backlog(house.database).retry(turn)

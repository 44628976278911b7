"""A platform that fails, or a replica that dies: the answer is finished in its place."""

import sqlalchemy as sa
from doubles.start_nellie import Start

from bot.core.lane_worker import CRASHES
from bot.store.tables.turns import TurnRow
from bot.testing import (
    ANA,
    FakePlatform,
    RunningNellie,
    stalls,
)


async def crash_while_answering(nellie: RunningNellie, question: str, **kept: object) -> None:
    """A question whose replica dies; what is kept of its answer stays in the turn."""
    nellie.model.follow("answer", stalls())
    await nellie.open_turn(ANA, question)
    await nellie.model.called.wait()
    await nellie.crash()
    async with nellie.database.begin() as connection:
        await connection.execute(sa.update(TurnRow).values(**kept))


async def wait_until_ended(nellie: RunningNellie) -> None:
    """Return once the turn that was left behind is over."""
    [[turn]] = await nellie.rows("SELECT id FROM turn")
    await nellie.parts.turns.wait_until_ended(turn)
    await nellie.parts.lanes.idle()


async def test_a_platform_that_fails_twice_shows_the_answer_in_the_end(start_nellie: Start) -> None:
    nellie = await start_nellie(platform=FakePlatform(failures=2))

    answer = await nellie.ask(ANA, "hello")

    assert answer == "You said: hello"
    assert len(nellie.platform.started) == 3
    assert nellie.platform.turns[nellie.platform.finished[0]].posted == (
        f"post-{nellie.platform.finished[0]}",
    )
    assert await nellie.texts() == ["hello", answer]
    usage = await nellie.rows("SELECT purpose FROM usage")
    assert len(usage) == len(nellie.model.prompts)


async def test_a_platform_that_stays_away_leaves_a_failed_turn_and_a_free_lane(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=FakePlatform(failures=4))

    await nellie.ask(ANA, "hello")
    answer = await nellie.ask(ANA, "hello again")

    assert answer == "You said: hello again"
    assert await nellie.rows("SELECT state FROM turn ORDER BY id") == [("failed",), ("done",)]


async def test_an_answer_finished_before_a_crash_is_only_delivered(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await crash_while_answering(nellie, "hello", text="An answer from before", posted=["p1"])
    successor = await start_nellie(platform=FakePlatform())
    await wait_until_ended(successor)

    assert list(successor.platform.shown.values()) == ["An answer from before"]
    assert successor.model.prompts == []
    assert successor.platform.turns[successor.platform.finished[0]].posted == ("p1",)
    assert await successor.texts() == ["hello", "An answer from before"]


async def test_an_answer_cut_off_by_a_crash_is_made_again_in_place(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await crash_while_answering(nellie, "hello", text=None, posted=[])
    successor = await start_nellie(platform=FakePlatform())
    [[turn]] = await successor.rows("SELECT id FROM turn")
    successor.platform.found_posts[turn] = ("found-there",)
    await wait_until_ended(successor)

    assert successor.platform.turns[turn].posted == ("found-there",)
    assert successor.platform.turns[turn].attempts > 1
    assert await successor.texts() == ["hello", "You said: hello"]


async def test_a_turn_that_is_given_up_says_so_in_place_of_what_is_posted(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie()
    await crash_while_answering(nellie, "hello", attempts=CRASHES, posted=[])
    successor = await start_nellie(platform=FakePlatform())
    [[turn]] = await successor.rows("SELECT id FROM turn")
    successor.platform.found_posts[turn] = ("found-there",)
    await wait_until_ended(successor)

    assert successor.platform.shown[turn].startswith("I could not answer this.")
    assert successor.platform.turns[turn].posted == ("found-there",)

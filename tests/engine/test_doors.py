"""What people do with an answer: ask for it again, stop it, rate it; and what they ask alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from doubles.house import ANA, BOB, GENERAL, House, Open
from doubles.model import Actor, breaks, echoes, says, stalls
from doubles.platform import Stage

from bot.conversation import Channel, Turn
from bot.errors import ModelOverloaded
from bot.ports import Posts

BUSY = ModelOverloaded(model="m", reason="busy")


async def test_a_failed_answer_is_made_again_in_its_place(open_house: Open) -> None:
    house = await open_house(model=Actor(breaks(BUSY, "The disk"), says("The disk is full.")))
    turn = await house.begin(ANA, "what is wrong?")
    await house.engine.lanes.idle()
    assert "broke off" in house.stage.shown[turn]

    assert await house.engine.again(turn)
    await house.engine.lanes.idle()

    assert house.stage.shown[turn] == "The disk is full."
    assert house.stage.turns[turn].posted == (f"post-{turn}",)
    assert await house.texts() == ["what is wrong?", "The disk is full."]
    assert await house.traces("broke off") == []
    assert await house.rows("SELECT state, error FROM turn") == [("done", None)]
    await house.covered()


async def test_a_stopped_answer_can_be_made_again(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("Well"), echoes))
    turn = await house.begin(ANA, "hm?")
    await house.stage.piece.wait()
    await house.engine.stop(turn)
    await house.engine.lanes.idle()

    assert await house.engine.again(turn)
    await house.engine.lanes.idle()

    assert house.stage.shown[turn] == "You said: hm?"
    assert await house.texts() == ["hm?", "You said: hm?"]


async def test_an_answer_given_or_a_question_taken_back_is_not_made_again(house: House) -> None:
    given = await house.begin(ANA, "hello")
    await house.engine.lanes.idle()
    assert not await house.engine.again(given)
    assert not await house.engine.again(12345)

    house.model.plays("answer", breaks(BUSY))
    failed = await house.begin(ANA, "secret?", id="gone")
    await house.engine.lanes.idle()
    await house.engine.deleted(GENERAL, "gone")
    assert not await house.engine.again(failed)


async def test_an_answer_made_again_waits_for_its_lane(open_house: Open) -> None:
    house = await open_house(model=Actor(breaks(BUSY), stalls("Well"), echoes))
    failed = await house.begin(ANA, "first?")
    await house.engine.lanes.idle()
    house.stage.piece.clear()
    busy = await house.begin(ANA, "second?")
    await house.stage.piece.wait()

    assert await house.engine.again(failed)
    await house.engine.stop(busy)
    await house.engine.lanes.idle()

    assert house.stage.shown[failed] == "You said: first?"
    assert house.stage.begun == [failed, busy, failed]


async def test_an_answer_is_stopped_from_another_replica(open_house: Open) -> None:
    here, there = await open_house(model=Actor(stalls("Well"))), await open_house()
    turn = await here.begin(ANA, "hm?")
    await here.stage.piece.wait()

    await there.engine.stop(turn)
    await here.engine.lanes.idle()

    assert here.stage.shown[turn] == "Well (stopped)"


async def test_nonsense_among_the_replicas_stops_nobody(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("Well")))
    turn = await house.begin(ANA, "hm?")
    await house.stage.piece.wait()

    for nonsense in ("", "all", "-1", "9" * 400, "\u0661"):
        await house.rows("SELECT pg_notify('nellie_stop', :what)", what=nonsense)
    await house.engine.stop(turn)
    await house.engine.lanes.idle()

    assert house.stage.shown[turn] == "Well (stopped)"


async def test_a_turn_is_found_with_its_question_whatever_became_of_it(house: House) -> None:
    turn = await house.begin(ANA, "hello", thread="t1")
    await house.engine.lanes.idle()

    found = await house.engine.turn(turn)

    assert found
    assert (found.trigger.text, found.trigger.author, found.lane) == ("hello", ANA, "thread:t1")
    assert (found.channel, found.posted) == (GENERAL, (f"post-{turn}",))
    assert await house.engine.turn(12345) is None


async def test_each_person_rates_an_answer_once_and_may_change_their_mind(house: House) -> None:
    turn = await house.begin(ANA, "hello")
    await house.engine.lanes.idle()

    for person, good in ((ANA, True), (BOB, True), (ANA, False), (ANA, False)):
        await house.engine.rate(turn, person, good=good)
    await house.engine.rate(12345, ANA, good=True)

    query = "SELECT turn_id, author_id, good FROM rating ORDER BY author_id"
    assert await house.rows(query) == [(turn, "U1", False), (turn, "U2", True)]


async def test_what_is_asked_alone_is_answered_from_memory_and_leaves_no_trace(
    house: House,
) -> None:
    await house.say(BOB, "the backup runs at noon")

    answer = await house.ask(ANA, "my private backup question?", private=True)

    assert answer == "You said: my private backup question?"
    assert "backup runs at noon" in "".join(one.text for one in house.model.prompts[-1].said)
    assert await house.texts() == ["the backup runs at noon"]
    assert await house.traces("private backup") == []


async def test_a_platform_is_told_what_she_does(open_house: Open) -> None:
    class Curious(Stage):
        async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
            self.doings = [posts.doing]
            async for _ in text:
                self.doings.append(posts.doing)

    stage = Curious()
    house = await open_house(stage=stage)
    await house.history("one", "two")

    await house.ask(ANA, "hello")

    assert stage.doings == ["thinking", "reading 3 messages"]


async def test_the_channels_of_a_workspace_are_known(house: House) -> None:
    await house.say(BOB, "hello", at=datetime.now(UTC))

    assert await house.engine.channels_of("stage", "team") == [GENERAL]
    assert await house.engine.channels_of("stage", "others") == []


async def test_the_turn_of_a_thread_is_known_while_it_runs(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("Well")))
    turn = await house.begin(ANA, "hm?", id="m1")
    await house.stage.piece.wait()

    assert await house.engine.running(GENERAL, "m1") == turn
    assert await house.engine.running(GENERAL, "m2") is None
    await house.engine.stop(turn)
    await house.engine.lanes.idle()
    assert await house.engine.running(GENERAL, "m1") is None


async def test_a_thread_below_a_direct_message_knows_what_it_began_with(house: House) -> None:
    friend = Channel("stage", "team", "D1", direct=True)
    await house.ask(ANA, "where is the disk?", channel=friend, id="m1")

    await house.ask(ANA, "and the other one?", channel=friend, thread="m1")

    said = house.model.prompts[-1].said
    assert [(one.role, one.text) for one in said[-3:-1]] == [
        ("user", said[-3].text),
        ("assistant", "You said: where is the disk?"),
    ]
    assert said[-3].text.endswith("ana: where is the disk?")

"""Who is answered: mentions, direct messages, follow-ups, and nobody else."""

from collections.abc import AsyncIterator

from doubles.start_nellie import Start

from bot.domain.model import Author, Channel, Turn
from bot.domain.ports import DeliveryLog
from bot.testing import (
    ANA,
    BOB,
    FakePlatform,
    RunningNellie,
)

NELLIE = Author("U0", "Nellie", nellie=True)
DIRECT = Channel("fake", "team", "D1", "ana", direct=True)


async def test_answers_a_mention(nellie: RunningNellie) -> None:
    answer = await nellie.ask(ANA, "where is the disk?")

    assert answer == "You said: where is the disk?"
    assert await nellie.texts() == ["where is the disk?", answer]


async def test_an_answer_is_remembered_as_nellies_in_the_same_thread(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "where is the disk?", thread="t1", id="q1")

    question, answer = await nellie.messages()
    assert answer.author.nellie
    assert (answer.thread, answer.reply_to) == ("t1", question.id)
    assert answer.id == f"post-{nellie.platform.finished[0]}"


async def test_answers_a_follow_up_in_a_thread_by_someone_answered_there(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(ANA, "where is the disk?", thread="t1")

    follow_up = await nellie.say(ANA, "and the other one?", thread="t1")
    from_a_stranger = await nellie.say(BOB, "and the other one?", thread="t1")
    elsewhere = await nellie.say(ANA, "and the other one?", thread="t2")
    top = await nellie.say(ANA, "and the other one?")

    assert follow_up.turn
    assert (from_a_stranger.turn, elsewhere.turn, top.turn) == (None, None, None)


async def test_a_follow_up_that_mentions_somebody_else_is_not_for_nellie(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(ANA, "where is the disk?", thread="t1")

    received = await nellie.say(ANA, "bob, do you know?", thread="t1", mentions=("U2",))

    assert received.turn is None


async def test_follow_ups_can_be_switched_off(start_nellie: Start) -> None:
    nellie = await start_nellie(follow_ups=False)
    await nellie.ask(ANA, "where is the disk?", thread="t1")

    received = await nellie.say(ANA, "and the other one?", thread="t1")

    assert received.turn is None


async def test_answers_everything_in_a_direct_message(nellie: RunningNellie) -> None:
    received = await nellie.say(ANA, "hello", channel=DIRECT)
    await nellie.parts.lanes.idle()

    assert received.turn
    assert await nellie.texts(DIRECT) == ["hello", "You said: hello"]


async def test_does_not_answer_itself(nellie: RunningNellie) -> None:
    in_public = await nellie.say(NELLIE, "hello", addressed=True)
    in_private = await nellie.say(NELLIE, "hello", channel=DIRECT)

    assert (in_public.turn, in_private.turn) == (None, None)
    assert nellie.model.prompts == []


async def test_a_platform_is_told_the_status_of_an_answer(start_nellie: Start) -> None:
    statuses: list[str] = []

    class ShowsStatus(FakePlatform):
        async def deliver(
            self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
        ) -> None:
            statuses.append(delivery_log.status)
            statuses.extend([delivery_log.status async for _ in text])

    nellie = await start_nellie(platform=ShowsStatus())
    await nellie.add_history("one", "two")

    await nellie.ask(ANA, "hello")

    assert statuses == ["thinking", "reading 3 messages"]

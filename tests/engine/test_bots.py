"""Bots that Nellie may hear: remembered as bots, answered when they ask, and never for ever."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import Start

from bot.domain.model import Author, Channel, Message, Received, Turn
from bot.testing import ANA, FakePlatform, RunningNellie

ROBOT = Author("B1", "pumps", bot=True)
OTHER = Author("B2", "tides", bot=True)


async def ask(nellie: RunningNellie, bot: Author = ROBOT, thread: str = "t1") -> Received:
    received = await nellie.say(bot, "is it dry?", thread=thread, addressed=True)
    await nellie.parts.lanes.idle()
    return received


async def test_a_bot_stays_known_as_a_bot(nellie: RunningNellie) -> None:
    await nellie.say(ROBOT, "pump 3 is dry")
    await nellie.say(ANA, "thanks")

    assert [message.author.bot for message in await nellie.messages()] == [True, False]


async def test_a_bot_that_was_answered_needs_another_mention(nellie: RunningNellie) -> None:
    assert (await ask(nellie)).turn

    follow_up = await nellie.say(ROBOT, "and now?", thread="t1")

    assert follow_up.seq
    assert follow_up.turn is None


async def test_bots_get_three_answers_in_a_row_in_a_thread(nellie: RunningNellie) -> None:
    turns = [(await ask(nellie, bot)).turn for bot in (ROBOT, OTHER, ROBOT, OTHER, ROBOT)]

    assert [bool(turn) for turn in turns] == [True, True, True, False, False]
    assert (await ask(nellie, thread="t2")).turn


async def test_bots_that_ask_at_the_same_time_get_three_answers_in_all(
    nellie: RunningNellie,
) -> None:
    asked = (nellie.say(ROBOT, f"dry? {n}", thread="t1", addressed=True) for n in range(8))

    received = await asyncio.gather(*asked)
    await nellie.parts.lanes.idle()

    assert sum(bool(one.turn) for one in received) == 3
    assert all(one.seq for one in received)


async def test_a_bot_asks_nothing_by_an_edit(nellie: RunningNellie) -> None:
    await nellie.say(ROBOT, "it is", id="m1", thread="t1")

    edited = await nellie.say(
        ROBOT, "is it?", id="m1", thread="t1", addressed=True, edited_at=datetime.now(UTC)
    )

    assert edited.turn is None


async def test_a_person_who_speaks_lets_bots_ask_again(nellie: RunningNellie) -> None:
    for _ in range(4):
        await ask(nellie)
    await nellie.say(ANA, "go on", thread="t1")

    turns = [(await ask(nellie)).turn for _ in range(4)]

    assert [bool(turn) for turn in turns] == [True, True, True, False]


async def test_at_top_level_answers_to_bots_count_for_an_hour(nellie: RunningNellie) -> None:
    turns = [(await ask(nellie, thread="")).turn for _ in range(4)]
    assert [bool(turn) for turn in turns] == [True, True, True, False]

    await nellie.rows("UPDATE message SET said_at = said_at - interval '61 minutes'")

    assert (await ask(nellie, thread="")).turn


async def start_thread(nellie: RunningNellie, bot: Author, id: str) -> Received:
    """At top level, as Slack has it: a question there starts a thread of its own."""
    received = await nellie.say(bot, "is it dry?", id=id, thread=id, addressed=True)
    await nellie.parts.lanes.idle()
    return received


@pytest.mark.parametrize("bots", [(ROBOT,), (ROBOT, OTHER), (OTHER, OTHER, ROBOT)])
async def test_a_question_that_starts_a_thread_counts_as_one_at_top_level(
    nellie: RunningNellie, bots: tuple[Author, ...]
) -> None:
    asked = [await start_thread(nellie, bots[n % len(bots)], f"q{n}") for n in range(6)]
    assert [bool(one.turn) for one in asked] == [True] * 3 + [False] * 3

    assert (await ask(nellie, thread="t1")).turn  # within a thread, that thread counts
    await nellie.say(ANA, "go on")

    assert (await start_thread(nellie, ROBOT, "q7")).turn
    await nellie.rows("UPDATE message SET said_at = said_at - interval '61 minutes'")
    again = [await start_thread(nellie, ROBOT, f"r{n}") for n in range(4)]
    assert [bool(one.turn) for one in again] == [True] * 3 + [False]


async def test_people_are_answered_as_often_as_they_ask(nellie: RunningNellie) -> None:
    for _ in range(5):
        await nellie.ask(ANA, "is it dry?", thread="t1")

    assert len(nellie.model.prompts) == 5


class Beside(FakePlatform):
    """A platform with posts of bots that are not heard."""

    def __init__(self, *texts: str, failing: bool = False) -> None:
        super().__init__()
        self.texts = texts
        self.failing = failing

    async def beside(self, turn: Turn) -> list[Message]:
        if self.failing:
            raise ConnectionError("the platform is away")
        at = datetime.now(UTC) - timedelta(minutes=5)
        return [
            Message(turn.channel, f"alert-{n}", ROBOT, text, at, turn.trigger.thread)
            for n, text in enumerate(self.texts)
        ]


async def test_what_an_unheard_bot_wrote_is_read_for_the_question_and_not_remembered(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=Beside("quay 7 is flooded"))

    await nellie.ask(ANA, "what does this mean?", reply_to="alert-0")
    await nellie.ask(ANA, "what is on the quay?")

    first, second = ("\n".join(m.text for m in prompt.messages) for prompt in nellie.model.prompts)
    assert "pumps (a bot): quay 7 is flooded" in first
    assert "quay 7" not in second
    assert await nellie.find_traces("quay 7") == []


async def test_it_stands_before_what_people_said_in_the_thread(start_nellie: Start) -> None:
    nellie = await start_nellie(platform=Beside("quay 7 is flooded"))
    await nellie.say(ANA, "oh no", thread="alert-0")

    await nellie.ask(ANA, "why?", thread="alert-0")

    [prompt] = nellie.model.prompts
    assert "pumps (a bot): quay 7 is flooded\n\nana: oh no" in prompt.messages[-1].text


async def test_an_answer_does_not_wait_for_a_platform_that_fails(start_nellie: Start) -> None:
    nellie = await start_nellie(platform=Beside(failing=True))

    assert await nellie.ask(ANA, "why?", thread="alert-0") == "You said: why?"


async def test_a_direct_message_of_a_bot_needs_to_be_addressed(nellie: RunningNellie) -> None:
    direct = Channel("fake", "team", "D9", "robot", direct=True)

    received = await nellie.say(ROBOT, "beep", channel=direct)

    assert received.turn is None


@pytest.mark.parametrize("name", ["ana", "Bob", "Zoë Hara"])
async def test_a_heard_bot_by_a_person_s_name_passes_for_nobody(
    nellie: RunningNellie, name: str
) -> None:
    await nellie.say(Author("B7", name, bot=True), "I approve it")
    await nellie.say(Author("U7", name), "so do I")

    await nellie.ask(ANA, "who approved it?")

    prompt = nellie.model.prompts[-1].messages[-1].text
    assert f"{name} (a bot): I approve it" in prompt
    assert f"{name}: so do I" in prompt

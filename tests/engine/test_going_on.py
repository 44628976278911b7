"""Answers that were cut short by their length: somebody says "go on", or presses the button."""

import asyncio

import pytest
from doubles.start_nellie import Start

from bot.domain.continuations import OFFER
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Channel
from bot.testing import ANA, BOB, CARL, RunningNellie, ScriptedModel, says

DIRECT = Channel("fake", "team", "D1", direct=True)
STEPS = "First stop the server, then pull the"
REST = " disk out, and wait for a minute."


def cut(*pieces: str):
    return says(*pieces, finish="length")


@pytest.fixture
async def cut_short(start_nellie: Start) -> RunningNellie:
    """A Nellie whose first answer is cut short; she has the rest of it ready."""
    model = ScriptedModel(cut(STEPS), says(REST), says("Something else."))
    return await start_nellie(model=model)


async def press(nellie: RunningNellie, turn: int, person=ANA) -> str:
    """Press the button below an answer; what is shown then."""
    received = await nellie.parts.turns.go_on(turn, person)
    await nellie.parts.lanes.idle()
    return nellie.platform.shown.get(received.turn or 0, "")


async def ask(nellie: RunningNellie, author=ANA, text="how do I swap the disk?", **fields) -> int:
    turn = await nellie.open_turn(author, text, **fields)
    await nellie.parts.lanes.idle()
    return turn


@pytest.mark.parametrize(
    "words", ["go on", "Go on!", "@Nellie please continue", "<@U0> keep going…", "weiter bitte"]
)
async def test_go_on_as_a_question_brings_the_rest(cut_short: RunningNellie, words: str) -> None:
    turn = await ask(cut_short, thread="t1")
    assert cut_short.platform.shown[turn] == STEPS + OFFER

    answer = await cut_short.ask(ANA, words, thread="t1")

    assert answer == REST
    prompt = cut_short.model.prompts[-1]
    assert prompt.goes_on
    assert [one.role for one in prompt.messages[-3:]] == ["user", "assistant", "user"]
    assert "how do I swap the disk?" in prompt.messages[-3].text
    assert prompt.messages[-2].text == STEPS


@pytest.mark.parametrize(
    "words",
    ["go on holiday?", "what do you mean by go on", "continue the backup of db-3", "more disks?"],
)
async def test_other_words_are_a_question_of_their_own(
    cut_short: RunningNellie, words: str
) -> None:
    await ask(cut_short, thread="t1")

    await cut_short.ask(ANA, words, thread="t1")

    assert not cut_short.model.prompts[-1].goes_on
    assert words in cut_short.model.prompts[-1].messages[-1].text


async def test_a_press_brings_the_rest_to_the_same_thread(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1")

    assert await press(cut_short, turn, BOB) == REST

    newest = max(cut_short.platform.turns)
    assert cut_short.platform.turns[newest].trigger.thread == "t1"
    assert cut_short.platform.turns[newest].asker == BOB


async def test_a_press_counts_once_whoever_presses_too(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1")

    presses = await asyncio.gather(
        *(cut_short.parts.turns.go_on(turn, one) for one in (ANA, BOB, CARL, ANA)),
        return_exceptions=True,
    )
    await cut_short.parts.lanes.idle()

    assert sum(getattr(one, "turn", None) is not None for one in presses) == 1
    assert len(cut_short.model.prompts_for("answer")) == 2
    with pytest.raises(CommandError, match="at it already"):
        await cut_short.parts.turns.go_on(turn, BOB)


async def test_pressed_and_said_it_goes_on_once(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1")
    await press(cut_short, turn)

    await cut_short.ask(BOB, "go on", thread="t1")

    assert not cut_short.model.prompts[-1].goes_on


async def test_who_asks_something_new_ends_the_offer(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1")
    await ask(cut_short, BOB, "and the fan?", thread="t1")

    with pytest.raises(CommandError, match="Something else was asked"):
        await cut_short.parts.turns.go_on(turn, ANA)
    await cut_short.ask(ANA, "go on", thread="t1")
    assert not cut_short.model.prompts[-1].goes_on


async def test_a_question_elsewhere_leaves_the_offer(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1")
    cut_short.model.follow("answer", says("A fan."), says(REST))
    await ask(cut_short, BOB, "and the fan?", thread="t2")

    assert await press(cut_short, turn) == REST


async def test_it_goes_on_after_a_restart(cut_short: RunningNellie, start_nellie: Start) -> None:
    turn = await ask(cut_short, thread="t1")
    await cut_short.close()

    successor = await start_nellie(model=ScriptedModel(says(REST)))

    assert await press(successor, turn, BOB) == REST


async def test_what_was_pressed_before_a_crash_goes_on_after_it(
    cut_short: RunningNellie, start_nellie: Start
) -> None:
    turn = await ask(cut_short, thread="t1")
    never = asyncio.Event()
    cut_short.model.follow("answer", lambda prompt: (never,))
    received = await cut_short.parts.turns.go_on(turn, ANA)
    await asyncio.sleep(0.2)
    await cut_short.crash()

    successor = await start_nellie(model=ScriptedModel(says(REST)))
    await successor.parts.turns.wait_until_ended(received.turn)

    assert successor.platform.shown[received.turn] == REST
    assert successor.model.prompts[-1].goes_on


@pytest.mark.parametrize(
    ("said", "rest", "shown"),
    [
        (STEPS, "pull the disk out.", " disk out."),
        (STEPS, "First stop the server, then pull the disk out.", " disk out."),
        ("Take the serv", "server down.", "er down."),
        ("1. stop\n2. wait\n3. st", "3. start it\n4. look", "art it\n4. look"),
        (STEPS, " disk out.", " disk out."),
        ("我们明天去", "明天去公园。", "公园。"),
    ],
)
async def test_no_words_are_repeated_at_the_seam(
    start_nellie: Start, said: str, rest: str, shown: str
) -> None:
    letters = list(rest)
    nellie = await start_nellie(model=ScriptedModel(cut(said), says(*letters)))
    await ask(nellie, channel=DIRECT)

    assert await nellie.ask(ANA, "go on", channel=DIRECT) == shown


async def test_an_answer_can_go_on_again_and_again(start_nellie: Start) -> None:
    parts = ["one two", " three four", " five six"]
    nellie = await start_nellie(model=ScriptedModel(*map(cut, parts), says(" seven.")))
    turn = await ask(nellie, thread="t1")
    for _ in range(3):
        await nellie.parts.turns.go_on(turn, ANA)
        await nellie.parts.lanes.idle()
        turn = max(nellie.platform.turns)

    assert nellie.platform.shown[turn] == " seven."
    assert nellie.model.prompts[-1].messages[-2].text == "".join(parts)
    assert "how do I swap the disk?" in nellie.model.prompts[-1].messages[-3].text


async def test_who_forgets_the_question_forgets_both_parts(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1", id="q1")
    await press(cut_short, turn)
    assert [one.text for one in await cut_short.messages() if one.author.nellie] == [STEPS, REST]

    await cut_short.parts.inbox.deleted(ANA_CHANNEL, "q1")

    assert await cut_short.texts() == ["Go on."]


async def test_who_forgets_what_the_first_part_was_made_from_forgets_both(
    start_nellie: Start,
) -> None:
    model = ScriptedModel(cut("The zebra disk is in rack"), says(" seven, bay two."))
    nellie = await start_nellie(model=model)
    await nellie.say(BOB, "the zebra disk is in rack seven, bay two", id="fact")
    turn = await ask(nellie, text="where is the zebra disk?", thread="t1")
    await press(nellie, turn)

    await nellie.parts.inbox.deleted(ANA_CHANNEL, "fact")

    assert await nellie.find_traces("rack") == []
    assert await nellie.find_traces("bay two") == []


async def test_an_answer_that_is_gone_says_so(cut_short: RunningNellie) -> None:
    turn = await ask(cut_short, thread="t1", id="q1")
    await cut_short.parts.inbox.deleted(ANA_CHANNEL, "q1")

    assert "That answer is gone" in await press(cut_short, turn)
    assert len(cut_short.model.prompts) == 1


async def test_a_private_answer_goes_on_privately_and_for_its_asker_alone(
    cut_short: RunningNellie, start_nellie: Start
) -> None:
    turn = await ask(cut_short, text="my secret zebra?", private=True)
    with pytest.raises(NotAllowed):
        await cut_short.parts.turns.go_on(turn, BOB)
    await cut_short.ask(BOB, "go on")
    await cut_short.ask(ANA, "go on")
    assert not any(prompt.goes_on for prompt in cut_short.model.prompts)


async def test_a_private_answer_goes_on_after_a_restart(
    cut_short: RunningNellie, start_nellie: Start
) -> None:
    turn = await ask(cut_short, text="my secret zebra?", private=True)
    await cut_short.close()
    successor = await start_nellie(model=ScriptedModel(says(REST)))

    assert await press(successor, turn) == REST

    newest = successor.platform.turns[max(successor.platform.turns)]
    assert newest.private
    assert newest.asker.id == ANA.id
    assert "my secret zebra?" in successor.model.prompts[-1].messages[-3].text
    assert await successor.texts() == []


@pytest.mark.parametrize("how", ["time", "forget me", "fact"])
async def test_a_private_answer_is_kept_no_longer_than_it_may_be(
    start_nellie: Start, how: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(cut("the zebra sleeps in")))
    await nellie.say(BOB, "the zebra sleeps in the barn", id="fact")
    turn = await ask(nellie, text="my secret giraffe and the zebra?", private=True)
    assert await nellie.find_traces("giraffe") != []

    if how == "time":
        await nellie.rows("UPDATE turn SET finished_at = now() - interval '31 minutes'")
        await nellie.parts.forgetting.expire(0)
    elif how == "fact":
        await nellie.parts.inbox.deleted(ANA_CHANNEL, "fact")
    else:
        reply = await nellie.run_command("memory forget me")
        await nellie.run_command(f"memory {reply.confirm}")

    assert await nellie.find_traces("giraffe") == []
    assert await nellie.find_traces("author:U1") == []
    with pytest.raises(CommandError, match="That answer is gone"):
        await nellie.parts.turns.go_on(turn, ANA)


async def test_limits_hold_for_a_press_as_for_a_question(start_nellie: Start) -> None:
    model = ScriptedModel(cut(STEPS), says(REST))
    nellie = await start_nellie(model=model, limit_person_minute=1)
    turn = await ask(nellie, thread="t1")

    assert "I cannot answer this now" in await press(nellie, turn, ANA)
    assert len(model.prompts) == 1


async def test_nothing_is_offered_to_who_is_not_remembered(cut_short: RunningNellie) -> None:
    reply = await cut_short.run_command("memory optout")
    assert reply

    turn = await ask(cut_short, thread="t1")

    assert "go on" not in cut_short.platform.shown[turn]
    assert "as long as one answer may be" in cut_short.platform.shown[turn]


async def test_a_model_that_has_nothing_more_to_say_ends_well(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(cut(STEPS), says(STEPS)))
    await ask(nellie, channel=DIRECT)

    assert await nellie.ask(ANA, "go on", channel=DIRECT) == "That was all."


ANA_CHANNEL = Channel("fake", "team", "C1", "general")

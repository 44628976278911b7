"""`nellie compare --rated`: what people asked, with what was said before, and never the answer."""

import pytest
from doubles.start_nellie import Start

from bot.cli.compare.prompts import ComparedPrompt
from bot.cli.compare.rated import RatedPrompts
from bot.domain.model import Channel
from bot.store.rated_turns import RatedTurns
from bot.testing import ANA, BOB, GENERAL, RunningNellie, ScriptedModel, says


async def rated(nellie: RunningNellie, *, most: int = 10) -> list[ComparedPrompt]:
    prompts = RatedPrompts(
        turns=RatedTurns(nellie.parts.database),
        messages=nellie.parts.stores.messages,
        recall=nellie.parts.recall,
        settings=nellie.parts.settings,
    )
    return await prompts.read(most=most)


def shown(one: ComparedPrompt) -> str:
    return "\n".join(message.text for message in one.prompt.messages)


async def ask_and_rate(
    nellie: RunningNellie, question: str, *, good: bool, channel: Channel = GENERAL
) -> int:
    turn = await nellie.open_turn(ANA, question, channel=channel)
    await nellie.parts.lanes.idle()
    await nellie.parts.turns.rate(turn, BOB, good=good)
    return turn


@pytest.fixture
async def nellie(start_nellie: Start) -> RunningNellie:
    return await start_nellie(
        model=ScriptedModel(says("It is in the cupboard."), says("On the moon."))
    )


async def test_a_good_answer_is_what_is_expected_and_a_bad_one_is_not(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "I have put the disk into the cupboard")
    good = await ask_and_rate(nellie, "where is the disk?", good=True)
    bad = await ask_and_rate(nellie, "where is the printer?", good=False)

    newest, oldest = await rated(nellie)

    assert (oldest.name, oldest.expected) == (f"turn {good}", ("It is in the cupboard.",))
    assert (newest.name, newest.expected) == (f"turn {bad}", ())


async def test_a_prompt_holds_what_was_said_before_and_nothing_after(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "I have put the disk into the cupboard")
    await ask_and_rate(nellie, "where is the disk?", good=True)
    await nellie.say(BOB, "the disk is in Lisbon by now")

    [one] = await rated(nellie)

    assert "into the cupboard" in shown(one)
    assert one.prompt.messages[-1].text.endswith("where is the disk?")
    assert "It is in the cupboard." not in shown(one)
    assert "Lisbon" not in shown(one)


async def test_a_question_that_was_taken_back_is_no_prompt(nellie: RunningNellie) -> None:
    turn = await ask_and_rate(nellie, "where is the disk?", good=True)
    trigger = nellie.platform.turns[turn].trigger

    await nellie.parts.inbox.deleted(GENERAL, trigger.id)

    assert await rated(nellie) == []


async def test_one_bad_rating_among_good_ones_makes_no_model_answer(
    nellie: RunningNellie,
) -> None:
    turn = await ask_and_rate(nellie, "where is the disk?", good=True)
    await nellie.parts.turns.rate(turn, ANA, good=False)

    [one] = await rated(nellie)

    assert one.expected == ()


async def test_only_so_many_are_read_the_newest_first(nellie: RunningNellie) -> None:
    await ask_and_rate(nellie, "where is the disk?", good=True)
    newest = await ask_and_rate(nellie, "where is the printer?", good=True)

    found = await rated(nellie, most=1)

    assert [one.name for one in found] == [f"turn {newest}"]

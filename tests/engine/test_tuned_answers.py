"""Tuned prompts reach answers and summaries, and people's commands still do what they say."""

import pytest
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.cli.compare.rated import RatedPrompts
from bot.domain.model import Channel
from bot.prompting.fixed_text import PROTECTION, RULES, SUMMARY_WANTED
from bot.store.rated_turns import RatedTurns
from bot.store.tuned_prompts import TunedPrompts, texts_of
from bot.testing import ANA, BOB, GENERAL, RunningNellie

TUNED = {"persona": "You are Nell.", "rules": "Say who said it.", "summary": "only ships."}


async def tune(nellie: RunningNellie, **texts: str | None) -> None:
    state = await nellie.channel_state()
    prompts = TunedPrompts(nellie.parts.database)
    assert await prompts.apply(state.id, texts, seen=texts_of(state))


async def undo(nellie: RunningNellie) -> None:
    prompts, channel_id = TunedPrompts(nellie.parts.database), await nellie.channel_id()
    last = await prompts.newest(channel_id)
    assert last
    assert await prompts.take_back(channel_id, last.number)


async def test_answers_are_asked_for_in_the_tuned_words_with_what_protects_below_them(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie()
    await nellie.ask(ANA, "one?")
    await tune(nellie, **TUNED)

    await nellie.ask(ANA, "two?")
    await undo(nellie)
    await nellie.ask(ANA, "three?")

    before, tuned, after = (one.messages[0].text for one in nellie.model.prompts_for("answer"))
    assert tuned == f"You are Nell.\nSay who said it.\n{PROTECTION}"
    assert before == after
    assert before.endswith(RULES)


async def test_other_channels_are_asked_as_before(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.ask(ANA, "one?")
    await tune(nellie, **TUNED)

    elsewhere = Channel("fake", "team", "C9", "elsewhere")
    await nellie.ask(ANA, "two?", channel=elsewhere)

    assert nellie.model.prompts[-1].messages[0].text.endswith(RULES)


async def test_summaries_are_asked_for_in_the_tuned_words_after_the_same_beginning(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.say(ANA, "hello")
    await tune(nellie, **TUNED)
    for line in TALK[:30]:
        await nellie.say(BOB, line)
    await nellie.ask(ANA, "one?")

    await nellie.compact()

    asked = [
        "\n".join(message.text for message in one.messages)
        for one in nellie.model.prompts_for("compaction")
    ]
    assert asked
    assert all("only ships." in one and SUMMARY_WANTED not in one for one in asked)
    answer = nellie.model.prompts_for("answer")[0].messages[0].text
    appended = [one for one in asked if "Do not answer now." in one]
    assert all(one.startswith(answer) for one in appended)


async def test_the_persona_commands_show_and_clear_what_was_tuned(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.ask(ANA, "one?")
    await tune(nellie, **TUNED)

    shown = await nellie.run_command("persona show", admin=True)
    await nellie.run_command("persona clear", admin=True)
    await nellie.ask(ANA, "two?")

    assert shown.text == "You are Nell."
    system = nellie.model.prompts[-1].messages[0].text
    assert system.endswith(f"\nSay who said it.\n{PROTECTION}")
    assert "Nell." not in system.partition("\n")[0].replace("Nellie", "")


@pytest.mark.parametrize("good", [True, False])
async def test_rated_answers_of_one_channel_are_what_it_is_tuned_on(
    start_nellie: Start, good: bool
) -> None:
    nellie = await start_nellie()
    elsewhere = Channel("fake", "team", "C9", "elsewhere")
    for channel in (GENERAL, elsewhere):
        await nellie.say(BOB, "the disk is in the cupboard", channel=channel)
        turn = await nellie.open_turn(ANA, "where is the disk?", channel=channel)
        await nellie.parts.lanes.idle()
        await nellie.parts.turns.rate(turn, BOB, good=good)
    prompts = RatedPrompts(
        turns=RatedTurns(nellie.parts.database),
        messages=nellie.parts.stores.messages,
        recall=nellie.parts.recall,
        settings=nellie.parts.settings,
    )

    [one] = await prompts.read(most=10, channel=await nellie.channel_id())

    answer = "You said: where is the disk?"
    assert (one.expected, one.unwanted) == (((answer,), "") if good else ((), answer))
    assert [message.text for message in one.said] == ["the disk is in the cupboard"]
    assert one.prompt.trigger
    assert one.prompt.trigger.channel == GENERAL

"""An answer is forgotten with what it was made from, also where it used other words."""

import asyncio

import pytest
from doubles.start_nellie import Start

from bot.testing import ANA, BOB, CARL, GENERAL, RunningNellie, ScriptedModel, says


async def answered(start: Start, question: str, *answers: str) -> RunningNellie:
    """Bob has said what m1 says, Carl what has nothing to do with it; then the answers came."""
    nellie = await start(model=ScriptedModel(*map(says, answers), says("fine")))
    await nellie.say(BOB, "the key hangs behind the 12 pallets", id="m1")
    await nellie.say(CARL, "lunch at noon, the soup is green", id="m2")
    for _ in answers:
        await nellie.ask(ANA, question)
    return nellie


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("wo ist der schlüssel?", "Er hängt hinter zwölf Paletten."),
        ("où est la clef ?", "Derrière douze palettes, d'après ce qui précède."),
        ("鍵はどこ?", "パレットの後ろです。"),
        ("soup first, then where do I look?", "Nach der Suppe: hinter zwölf Paletten."),
        ("is it there?", "Yes."),
    ],
)
async def test_an_answer_in_other_words_goes_with_any_message_it_may_be_made_from(
    start_nellie: Start, question: str, answer: str
) -> None:
    nellie = await answered(start_nellie, question, answer)
    assert answer in await nellie.texts()

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert answer not in await nellie.texts()
    await nellie.ask(CARL, "and now?")
    assert answer not in "\n".join(one.text for one in nellie.model.prompts[-1].messages)


@pytest.mark.parametrize(
    "answer", ["Behind the pallets, the 12.", "Look behind 12 pallets", "The key hangs there."]
)
async def test_an_answer_in_the_words_of_a_message_goes_with_that_one_alone(
    start_nellie: Start, answer: str
) -> None:
    nellie = await answered(start_nellie, "where do I look?", answer)

    await nellie.parts.inbox.deleted(GENERAL, "m2")
    assert answer in await nellie.texts()

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    assert answer not in await nellie.texts()


async def test_an_answer_that_repeats_an_answer_goes_with_what_that_one_was_made_from(
    start_nellie: Start,
) -> None:
    first, again = "Hinter zwölf Paletten.", "Wie gesagt: hinter zwölf Paletten, gesagt."
    nellie = await answered(start_nellie, "wo?", first, again)
    assert {first, again} <= set(await nellie.texts())

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert not {first, again} & set(await nellie.texts())


async def test_what_is_deleted_while_the_answer_is_written_leaves_none_behind(
    start_nellie: Start,
) -> None:
    written = asyncio.Event()
    nellie = await start_nellie(
        model=ScriptedModel(lambda prompt: (written, *says("Hinter zwölf Paletten.")(prompt)))
    )
    await nellie.say(BOB, "the key hangs behind the 12 pallets", id="m1")
    await nellie.open_turn(ANA, "wo?")
    await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    written.set()
    await nellie.parts.lanes.idle()

    assert "Hinter zwölf Paletten." not in await nellie.texts()

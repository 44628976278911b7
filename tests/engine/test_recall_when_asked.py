"""A question is stored before it is answered, and must not be a hit for its own words."""

import pytest
from doubles.start_nellie import Start

from bot.testing import ANA, ScriptedModel, says

FACTS = {
    100: "the tar brush hangs behind the yellow ladder",
    200: "Olga had her twins on the second of May",
    300: "the rowing club meets at quarter to eight now",
}
THINGS = [
    "rope",
    "sail",
    "diesel",
    "ladder",
    "garden",
    "bakery",
    "ticket",
    "winter",
    "engine",
    "paint",
]
QUESTIONS = {
    "who can tell me where to look, I thought there was a tar brush somewhere?": 100,
    "when exactly did our neighbour called Olga finally give birth to her little ones?": 200,
    "has anybody changed the time at which the rowing club does its meeting recently?": 300,
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_the_one_line_that_answers_is_in_the_prompt(
    start_nellie: Start, question: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("I looked.")))
    await nellie.add_history(
        *(
            FACTS.get(n) or f"{THINGS[n % 10]} and {THINGS[n * 7 % 10]} were busy, number {n}"
            for n in range(1_500)
        )
    )

    for _ in range(2):  # the second time, it has been asked before
        await nellie.ask(ANA, question)

        prompt = nellie.model.prompts[-1]
        assert FACTS[QUESTIONS[question]] in prompt.messages[-1].text

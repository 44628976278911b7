"""What did she say? Quoted is what that person said, not who spoke of her."""

from datetime import timedelta

import pytest
from doubles.start_nellie import Start

from bot.domain.model import Author
from bot.llm.extractive import Extractive
from bot.testing import ANA, ScriptedModel, new_message, says

HANA, LEIF, OKO = Author("U71", "Hana Brandt"), Author("U72", "leif_"), Author("U73", "oko.m")
TALK = [  # how many days ago, who, what
    (40, HANA, "the ferry wharf needs new planks"),
    (3, LEIF, "for the harbour sensors I would take Zigbee"),
    (3, HANA, "then LoRa. I order the harbour sensors."),
    (2, OKO, "oh no, get well soon Leif"),
    (2, LEIF, "my back hurts, I stay at home"),
    (1, LEIF, "the pump arrived at the depot"),
    (1, OKO, "Welcome @Hana Brandt and hello Leif!"),
    (1, OKO, "LoRa, says Hana? LoRa is what Hana said about harbour sensors, LoRa"),
    (1, HANA, "good to be back"),
    (0, OKO, "Hana Brandt is ill, and Leif too, says oko.m"),
]
LORA, ZIGBEE = "then LoRa. I order", "I would take Zigbee"
QUESTIONS = {
    "What did Hana say?": (HANA, "good to be back"),
    "what has @Hana Brandt said?": (HANA, "good to be back"),
    "What did Hana Brandt say about LoRa?": (HANA, LORA),
    "tell me what hana thinks of LoRa": (HANA, LORA),
    "What did Leif say yesterday?": (LEIF, "the pump arrived"),
    "what did leif_ write about the harbour sensors?": (LEIF, ZIGBEE),
    "What was said by Leif 2 days ago?": (LEIF, "my back hurts"),
    "What did oko.m say?": (OKO, "Hana Brandt is ill"),
    "What's Hana's opinion on LoRa?": (HANA, LORA),
    "Was hat Leif über Zigbee gesagt?": (LEIF, ZIGBEE),
    "Was sagte Hana zu LoRa?": (HANA, LORA),
    "qu'a dit Hana sur LoRa ?": (HANA, LORA),
    "¿Qué dijo Leif sobre Zigbee?": (LEIF, ZIGBEE),
    "Что сказал Leif?": (LEIF, "the pump arrived"),
}
OTHERS = {
    "what was said about Hana?": "Hana",
    "who said that Leif should get well soon?": "get well soon Leif",
    "what did we say about the pump?": "the pump arrived",
}


async def ask(start_nellie: Start, question: str, **settings: int) -> list[str]:
    nellie = await start_nellie(model=Extractive(), **settings)
    now = new_message(ANA, "now").at
    for days, author, text in TALK:
        await nellie.add_history(text, author=author, at=now - timedelta(days=days))
    return [line for line in (await nellie.ask(ANA, question)).splitlines() if line[:1] == ">"]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_for_somebodys_words_quotes_that_person(
    start_nellie: Start, question: str
) -> None:
    speaker, words = QUESTIONS[question]

    quotes = await ask(start_nellie, question)

    assert words in quotes[0]
    assert all(line.startswith(f"> {speaker.name},") for line in quotes)


@pytest.mark.parametrize("question", OTHERS)
async def test_a_question_for_what_anybody_said_quotes_anybody(
    start_nellie: Start, question: str
) -> None:
    quotes = await ask(start_nellie, question)

    assert OTHERS[question] in quotes[0]


async def test_the_words_of_a_person_are_recalled_before_what_others_said_of_them(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(says("I looked.")), window_high=400, window_low=100
    )
    await nellie.add_history("Hertha it is, I paint the gate green", author=HANA)
    await nellie.add_history(*(f"Hana said a thing, Hana did {n}" for n in range(300)), author=OKO)
    await nellie.compact()

    await nellie.ask(ANA, "what did Hana say?")

    prompt = nellie.model.prompts[-1]
    assert prompt.recalled[0].author == HANA
    assert "I paint the gate green" in prompt.recalled[0].text

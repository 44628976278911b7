"""Commands of every family: what is known, explained, allowed and never remembered."""

import re
from contextlib import suppress

import pytest
from doubles.start_nellie import Start

from bot.commands.help import HELP
from bot.config.settings import load
from bot.domain.errors import CommandError, NotAllowed, SettingsError
from bot.domain.model import Author, Channel
from bot.testing import ANA, BOB, CARL, RunningNellie, ScriptedModel

DIRECT = Channel("fake", "team", "D1", "ana", direct=True)

PLAIN = ["help", "usage", "memory", "memory show", "memory log", "persona", "persona show", "model"]

RIGHTS = [
    "memory forget all",
    "memory forget person bob",
    "memory forget topic disk",
    "memory export",
    "persona set x",
]


@pytest.mark.parametrize("line", [*PLAIN, "model show", "catchup", "catchup 2h", "memory search x"])
async def test_every_question_about_an_empty_channel_has_an_answer(
    nellie: RunningNellie, line: str
) -> None:
    reply = await nellie.run_command(line)

    assert reply.text
    assert reply.private
    assert await nellie.texts() == []


async def test_help_names_every_command(nellie: RunningNellie) -> None:
    reply = await nellie.run_command("help")

    assert all(f"/{usage}" in reply.text for usage in HELP)


@pytest.mark.parametrize(
    "line", ["memory what", "persona dance", "model fly", "memory searching x"]
)
async def test_an_unknown_command_says_so(nellie: RunningNellie, line: str) -> None:
    with pytest.raises(CommandError, match=f"do not know /{line.partition(' x')[0]}"):
        await nellie.run_command(line)


@pytest.mark.parametrize(
    "line",
    [
        "memory search",
        "memory forget",
        "memory forget person",
        "catchup soonish",
        "catchup 3 months",
        "catchup 2026-13-45",
        "persona set",
        "persona set " + "x" * 2_001,
        "model set nothing/known",
        "model set",
    ],
)
async def test_bad_input_is_explained(nellie: RunningNellie, line: str) -> None:
    with pytest.raises(CommandError) as caught:
        await nellie.run_command(line, admin=True)

    assert 10 < len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "line",
    ["memory {}", "memory search {}", "memory forget {}", "catchup {}", "model set {}", "help {}"],
)
@pytest.mark.parametrize("argument", ["x" * 1_000_000, "y " * 300_000, "\x00\ud83d", "@everyone"])
async def test_no_argument_is_too_much(nellie: RunningNellie, line: str, argument: str) -> None:
    await nellie.say(BOB, "hello")
    try:
        reply = (await nellie.run_command(line.format(argument), admin=True)).text
    except CommandError as error:
        reply = str(error)

    assert 0 < len(reply) < 2_000  # one message of Discord
    assert "@everyone" not in reply


@pytest.mark.parametrize(
    "line", [*RIGHTS, "persona clear", "model set extractive", "model clear", "digest off"]
)
async def test_what_concerns_everybody_needs_rights(start_nellie: Start, line: str) -> None:
    nellie = await start_nellie(admins=("U3",))
    await nellie.say(BOB, "the disk is red")

    with pytest.raises(NotAllowed, match="Nothing was changed"):
        await nellie.run_command(line, ANA)

    assert await nellie.run_command(line, ANA, admin=True)
    assert await nellie.run_command(line, CARL)
    assert await nellie.run_command(line, ANA, channel=DIRECT)


async def test_no_command_is_remembered(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "hello")
    for line in PLAIN:
        await nellie.run_command(line, Author("U9", "canary7731"))

    assert await nellie.find_traces("canary7731") == []
    assert len(await nellie.texts()) == 1


async def test_a_persona_is_set_shown_used_and_cleared(nellie: RunningNellie) -> None:
    said = await nellie.run_command("persona set You are\na pirate @everyone.", admin=True)
    shown = await nellie.run_command("persona")
    await nellie.ask(ANA, "hello")
    await nellie.run_command("persona clear", admin=True)

    assert not said.private
    assert shown.text.replace("\u200b", "") == "You are\na pirate @everyone."
    assert nellie.model.prompts[-1].messages[0].text.startswith("You are\na pirate")
    assert "general one" in (await nellie.run_command("persona show")).text


async def test_a_model_is_chosen_from_the_list(start_nellie: Start) -> None:
    nellie = await start_nellie(models=("extractive", "openai/other"))

    with pytest.raises(CommandError, match="openai/other"):
        await nellie.run_command("model set openai/dear", admin=True)
    await nellie.run_command("model set openai/other", admin=True)

    assert (await nellie.run_command("model")).text.startswith("Answering here: openai/other.")


async def test_usage_tells_calls_and_tokens(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "hello")

    reply = await nellie.run_command("usage")

    assert "answer, scripted: 1 call," in reply.text
    assert "(0% cached)" in reply.text


@pytest.mark.parametrize("name", ["model set OPENAI/Other", "model SET openai/other"])
async def test_a_model_is_cleared_and_its_name_may_be_in_capitals(
    start_nellie: Start, name: str
) -> None:
    nellie = await start_nellie(models=("extractive", "openai/other"))
    await nellie.run_command(name, admin=True)
    assert "here: openai/other." in (await nellie.run_command("model")).text

    reply = await nellie.run_command("model clear", admin=True)

    assert not reply.private
    general = ", then ".join(nellie.parts.settings.model)
    assert f"here: {general}." in (await nellie.run_command("model")).text
    assert await nellie.rows("SELECT model FROM channel") == [(None,)]


@pytest.mark.parametrize(
    "line",
    [
        *PLAIN,
        *("catchup", "catchup 2h", "memory search x", "memory export", "memory forget all"),
        *("memory forget me", "memory retention", "memory rebuild", "digest", "digest off"),
        *("memory optout off", "persona clear", "model clear", "model show"),
        *("memory retention 0", "persona set", "model set nothing/known", "dance"),
    ],
)
async def test_asking_about_a_channel_that_was_never_seen_stores_nothing(
    nellie: RunningNellie, line: str
) -> None:
    channel = Channel("fake", "team", "U7", "somebody's id", direct=True)

    with suppress(CommandError):
        await nellie.run_command(line, channel=channel)

    assert await nellie.rows("SELECT name FROM channel") == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("persona set A pirate.", "persona"),
        ("memory optout", "memory show"),
        ("memory retention 90", "memory retention"),
        ("model set openai/other", "model"),
        ("digest daily 09:00", "digest"),
    ],
)
async def test_what_is_set_in_a_channel_that_was_never_seen_holds(
    start_nellie: Start, line: str, shown: str
) -> None:
    nellie = await start_nellie(models=("extractive", "openai/other"))
    before = (await nellie.run_command(shown)).text
    await nellie.run_command(line, admin=True)
    await nellie.say(BOB, "hello")

    assert (await nellie.run_command(shown)).text != before


@pytest.mark.parametrize(
    "line",
    [
        *("MEMORY Show", "Memory\tSHOW", "memory\nshow", "memory\u00a0show", " memory   Show  "),
        *("memory \u200bshow", "memory show\u200b", "memory \ufeffshow\u2060", "memory\x0bshow"),
        *("memory show\u3164", "memory \u2800show", "\u200bmemory show", "memory \x1fshow"),
    ],
)
async def test_capitals_and_white_space_do_not_matter(nellie: RunningNellie, line: str) -> None:
    name, *arguments = line.split(None, 1)

    shown = await nellie.run_command(f"{name} {' '.join(arguments)}")

    assert shown.text == "I remember nothing here yet."


async def test_one_of_anything_is_no_plural(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=1, limit_channel_tokens=1_000)
    await nellie.say(BOB, "hello", channel=DIRECT)
    texts = [
        (await nellie.run_command(line, channel=DIRECT)).text
        for line in ("memory show", "memory export", "memory forget all", "catchup 1d", "usage")
    ]
    await nellie.ask(ANA, "one", channel=DIRECT)
    texts.append(await nellie.ask(ANA, "two", channel=DIRECT))

    assert len(texts) == 6
    assert not re.search(r"\b1 \w+s\b(?! \()", "\n".join(texts)), texts


async def test_a_channel_sets_how_its_model_generates(start_nellie: Start) -> None:
    nellie = await start_nellie(
        models=("extractive", "openai/other"), generation="seed=7 top_p=0.9"
    )
    model = nellie.model

    await nellie.run_command("model set temperature=0.2 max=200", admin=True)
    await nellie.run_command("model set seed= top_p=0.5", admin=True)
    await nellie.ask(ANA, "hello")
    shown = (await nellie.run_command("model")).text
    await nellie.run_command("model clear", admin=True)
    await nellie.ask(ANA, "hello again")

    first, second = (prompt for prompt in model.prompts_for("answer"))
    assert first.generation == {"temperature": 0.2, "top_p": 0.5, "seed": 7}
    assert first.max_output == 200
    assert (
        "How: temperature=0.2 (set here), max_answer=200 (set here), top_p=0.5 (set here),"
        " seed=7 (NELLIE_GENERATION)."
    ) in shown
    assert second.generation == {"seed": 7, "top_p": 0.9}


@pytest.mark.parametrize("words", ["temperature=hot", "heat=1", "openai/other temperature=9"])
async def test_a_setting_that_is_none_is_named(start_nellie: Start, words: str) -> None:
    nellie = await start_nellie(models=("extractive", "openai/other"))

    with pytest.raises(CommandError, match=words.split()[-1].split("=")[0]):
        await nellie.run_command(f"model set {words}", admin=True)


async def test_what_is_set_of_a_model_goes_before_what_is_general_and_after_the_channel(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(name="openai/other"),
        models=("extractive", "openai/other"),
        generation='seed=7 top_p=0.9; OpenAI/Other: top_p=0.5 stop=END system="Be kind."',
    )
    for words in ("openai/other temperature=0.1", "system='Answer in French.' stop="):
        await nellie.run_command(f"model set {words}", admin=True)
    await nellie.ask(ANA, "hello")
    shown = (await nellie.run_command("model show")).text

    [prompt] = nellie.model.prompts_for("answer")
    assert prompt.generation == {"temperature": 0.1, "top_p": 0.5, "stop": ["END"], "seed": 7}
    assert prompt.messages[0].text.endswith("\nAnswer in French.")
    assert 'system="Answer in French." (set here)' in shown
    assert "top_p=0.5 (NELLIE_GENERATION for openai/other)" in shown
    assert "seed=7 (NELLIE_GENERATION)" in shown
    assert "top_p=0.9" not in shown


async def test_summaries_are_asked_for_as_before(start_nellie: Start) -> None:
    nellie = await start_nellie(generation="temperature=0.2 system=Loudly!")
    await nellie.say(BOB, "the disk is red")

    await nellie.run_command("catchup 1d")

    [prompt] = nellie.model.prompts_for("catchup")
    assert prompt.generation == {}
    assert "Loudly" not in prompt.messages[0].text


def test_settings_of_a_model_that_is_not_there_are_named() -> None:
    with pytest.raises(SettingsError, match=r"NELLIE_GENERATION: it names openai/typo"):
        load(model=("extractive",), generation="openai/typo: seed=1")

"""/memory forget and optout, as a person types them."""

import re

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Author
from bot.testing import ANA, BOB, RunningNellie


async def test_forgetting_asks_first_and_then_forgets(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "mine one")
    await nellie.say(BOB, "not mine")
    await nellie.say(ANA, "mine two")

    asked = await nellie.run_command("memory forget me", ANA)
    before = await nellie.texts()
    done = await nellie.run_command(f"memory {asked.confirm}", ANA)

    assert "2 messages of yours" in asked.text
    assert len(before) == 3
    assert "2 messages of yours" in done.text
    assert not done.confirm
    assert await nellie.texts() == ["not mine"]


async def test_words_that_end_in_yes_are_no_confirmation(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "I said yes")

    asked = await nellie.run_command("memory forget I said yes", admin=True)

    assert asked.confirm
    assert await nellie.texts() == ["I said yes"]


async def test_a_message_in_between_does_not_void_a_confirmation(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "mine one")
    asked = await nellie.run_command("memory forget me", ANA)
    await nellie.say(ANA, "mine two")

    done = await nellie.run_command(f"memory {asked.confirm}", ANA)

    assert done.text == "Forgotten: 2 messages of yours."
    assert await nellie.texts() == []


async def test_a_confirmation_is_good_for_about_what_was_shown(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "mine one")
    asked = await nellie.run_command("memory forget me", ANA)
    for number in range(5):
        await nellie.say(ANA, f"mine {number}")

    again = await nellie.run_command(f"memory {asked.confirm}", ANA)

    assert again.text.startswith("That has changed since I asked: it was 1.")
    assert "6 messages of yours" in again.text
    assert again.confirm != asked.confirm
    assert len(await nellie.texts()) == 6


async def test_it_says_since_when_and_what_goes_with_the_messages(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    await nellie.add_history(*(f"talk number {n} about canary7731" for n in range(60)))
    await nellie.compact()
    await nellie.ask(ANA, "canary7731?")

    asked = await nellie.run_command("memory forget all", admin=True)

    assert "62 messages of everyone, the oldest of 20" in asked.text
    assert re.search(r"with 1 answer of mine and \d+ summar", asked.text)


async def test_what_was_said_since_a_time_is_forgotten(nellie: RunningNellie) -> None:
    await nellie.add_history("from two days ago")
    await nellie.say(ANA, "from now")

    asked = await nellie.run_command("memory forget since yesterday", admin=True)
    await nellie.run_command(f"memory {asked.confirm}", admin=True)

    assert "This forgets 1 message since 20" in asked.text
    assert await nellie.texts() == ["from two days ago"]


async def test_a_message_is_forgotten_by_its_number(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "one")
    await nellie.say(BOB, "two")

    with pytest.raises(NotAllowed, match="its author"):
        await nellie.run_command("memory forget 2", ANA)
    for author, number in ((BOB, "#2"), (BOB, "1")):
        reply = await nellie.run_command(f"memory forget {number}", author, admin=number == "1")
        await nellie.run_command(f"memory {reply.confirm}", author, admin=number == "1")

    assert await nellie.texts() == []


@pytest.mark.parametrize("number", ["99", "0", "#99", "99999999999999999999999", "٣"])
async def test_a_number_that_is_none_is_nothing_to_forget(
    nellie: RunningNellie, number: str
) -> None:
    await nellie.say(ANA, "one")

    reply = await nellie.run_command(f"memory forget {number}", ANA, admin=True)

    assert "nothing to forget" in reply.text
    assert await nellie.texts() == ["one"]


async def test_a_topic_is_forgotten_where_all_its_words_are(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the backup disk is red")
    await nellie.say(BOB, "the disk is full")
    await nellie.say(BOB, "a backup of the disk failed")

    reply = await nellie.run_command("memory forget topic backup disk", admin=True)
    await nellie.run_command(f"memory {reply.confirm}", admin=True)

    assert "2 messages" in reply.text
    assert await nellie.texts() == ["the disk is full"]


async def test_every_message_with_the_words_is_forgotten_however_many(
    nellie: RunningNellie,
) -> None:
    await nellie.add_history(*(f"canary7731 number {n}" for n in range(60)))

    reply = await nellie.run_command("memory forget canary7731", admin=True)
    await nellie.run_command(f"memory {reply.confirm}", admin=True)

    assert "60 messages" in reply.text
    assert await nellie.find_traces("canary7731") == []


@pytest.mark.parametrize("name", ["bob", "@Bob", "Robert", "U2", "<@U2>", "<@!U2>", "<@U2|bob>"])
async def test_a_person_is_forgotten_by_a_mention_or_any_name_of_theirs(
    nellie: RunningNellie, name: str
) -> None:
    await nellie.say(BOB, "one")
    await nellie.say(ANA, "I said bob U2")
    await nellie.say(Author("U2", "Robert"), "two")

    with pytest.raises(NotAllowed):
        await nellie.run_command(f"memory forget person {name}", ANA)
    asked = await nellie.run_command(f"memory forget person {name}", ANA, admin=True)
    before = await nellie.texts()
    await nellie.run_command(f"memory {asked.confirm}", ANA, admin=True)

    assert "2 messages of" in asked.text
    assert len(before) == 3
    assert await nellie.texts() == ["I said bob U2"]


async def test_of_two_people_with_one_name_it_asks_which(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "one")
    await nellie.say(Author("U9", "BOB"), "two")
    await nellie.say(Author("U8", "U9"), "three")

    with pytest.raises(CommandError, match=r"U2 \(bob, 1 said\); U9 \(BOB") as caught:
        await nellie.run_command("memory forget person bob", admin=True)
    reply = await nellie.run_command("memory forget person U9", admin=True)
    await nellie.run_command(f"memory {reply.confirm}", admin=True)

    assert "/memory forget person U2" in str(caught.value)
    assert await nellie.texts() == ["one", "three"]


@pytest.mark.parametrize("name", ["zoe", "nellie", "<@bob>", "@", "x" * 100_000])
async def test_a_person_unknown_here_is_nobody_to_forget(nellie: RunningNellie, name: str) -> None:
    await nellie.ask(BOB, "hello")
    try:
        reply = (await nellie.run_command(f"memory forget person {name}", admin=True)).text
    except CommandError as error:
        reply = str(error)

    assert "nothing to forget" in reply or "Forget whom?" in reply
    assert len(await nellie.texts()) == 2


async def test_everything_is_forgotten_with_its_summaries(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    await nellie.add_history(*(f"talk number {n} about canary7731" for n in range(60)))
    await nellie.compact()
    await nellie.ask(ANA, "canary7731?")

    reply = await nellie.run_command("memory forget all", admin=True)
    await nellie.run_command(f"memory {reply.confirm}", admin=True)
    await nellie.parts.compaction.repair(await nellie.channel_id())

    assert await nellie.texts() == []
    assert await nellie.find_traces("canary7731") == []
    assert "nothing here yet" in (await nellie.run_command("memory show")).text


async def test_opting_out_says_what_happens_and_can_be_undone(nellie: RunningNellie) -> None:
    out = await nellie.run_command("memory optout", BOB)
    again = await nellie.run_command("memory optout", BOB)
    back = await nellie.run_command("memory optout off", BOB)

    assert "I remember nothing that you say here" in out.text
    assert again.text == out.text
    assert "remember again" in back.text


@pytest.mark.parametrize(
    "typed",
    [
        *("forget ME", "forget\u00a0me", "forget\n me", "Forget \t Me "),
        *("forget\u200bme", "forget me\ufeff", "\u2060forget\x0bme", "forget \u200b me"),
        "forget\u3164me",
    ],
)
async def test_words_are_understood_however_they_are_typed(
    nellie: RunningNellie, typed: str
) -> None:
    await nellie.say(ANA, "mine")

    asked = await nellie.run_command(f"memory {typed}", ANA)

    assert "1 message of yours" in asked.text


async def test_a_person_and_everyone_are_understood_in_capitals(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "his")

    person = await nellie.run_command(f"memory forget Person\u00a0{BOB.name}", admin=True)
    everyone = await nellie.run_command("memory forget ALL", admin=True)

    assert f"1 message of {BOB.name}" in person.text
    assert "1 message of everyone" in everyone.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x85"])
async def test_a_persona_keeps_its_lines(nellie: RunningNellie, end: str) -> None:
    await nellie.run_command(f"persona set{end} You are{end}a pirate", admin=True)

    assert (await nellie.run_command("persona")).text == "You are\na pirate"


MALLORY = Author("U66", "ben")
"""She calls herself as somebody else is called."""


@pytest.mark.parametrize(
    "typed", ["person <@U66>", "person <@!U66|ben>", "<@U66>", "PERSON  <@U66>"]
)
async def test_a_mention_means_its_id_whatever_its_person_is_called(
    nellie: RunningNellie, typed: str
) -> None:
    await nellie.say(Author("U7", "ben"), "I am Ben")

    nobody = await nellie.run_command(f"memory forget {typed}", admin=True)
    await nellie.say(MALLORY, "I am Ben too")
    asked = await nellie.run_command(f"memory forget {typed}", admin=True)
    await nellie.run_command(f"memory {asked.confirm}", admin=True)

    assert "nothing to forget" in nobody.text
    assert "1 message of ben (U66)" in asked.text
    assert await nellie.texts() == ["I am Ben"]


async def test_a_confirmation_means_who_was_shown_though_another_takes_the_name(
    nellie: RunningNellie,
) -> None:
    await nellie.say(Author("U7", "ben"), "I am Ben")
    asked = await nellie.run_command("memory forget person ben", admin=True)
    await nellie.rows("UPDATE message SET author_name = 'benjamin'")
    await nellie.say(MALLORY, "now I am")

    await nellie.run_command(f"memory {asked.confirm}", admin=True)

    assert await nellie.texts() == ["now I am"]


@pytest.mark.parametrize("words", ["topic <@U66> disk", "the disk of <@U66>", "all <@U66>"])
async def test_a_mention_among_words_forgets_nothing(nellie: RunningNellie, words: str) -> None:
    await nellie.say(Author("U7", "ben"), "the disk of U66, all of it")

    with pytest.raises(CommandError, match="Words or a person, not both"):
        await nellie.run_command(f"memory forget {words}", admin=True)

    assert len(await nellie.texts()) == 1

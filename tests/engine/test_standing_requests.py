"""What people ask of Nellie in so many words: it does what the command does."""

import pytest
from doubles.start_nellie import Start

from bot.domain.model import Author, Channel
from bot.testing import ANA, BOB, CARL, RunningNellie, ScriptedModel, says

DIRECT = Channel("fake", "team", "D-ana", "ana", direct=True)


@pytest.mark.parametrize(
    "text", ["What did I miss?", "@Nellie, was habe ich verpasst?", "ご無沙汰"]
)
async def test_a_catchup_in_words_is_the_catchup_of_the_command(
    start_nellie: Start, text: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("a model's own answer")))
    await nellie.say(ANA, "I am off now")
    await nellie.say(BOB, "the backup disk is full")

    answer = await nellie.ask(ANA, text)

    is_request = text != "ご無沙汰"
    assert answer.startswith("1 message since") == is_request
    assert (text in await nellie.texts()) != is_request


async def test_who_has_only_asked_something_is_told_what_was_before(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the backup disk is full")
    await nellie.ask(ANA, "where is the disk?")

    answer = await nellie.ask(ANA, "what did I miss?")

    assert answer.startswith("Nothing was said since you last wrote. Before that: 1 message")


async def test_a_thread_is_summed_up_without_the_channel_around_it(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the lunch is at noon")
    await nellie.say(BOB, "the disk is full", id="t1", thread="t1")
    await nellie.say(CARL, "order another one", thread="t1")

    in_thread = await nellie.ask(ANA, "summarize this thread", thread="t1")
    outside = await nellie.ask(ANA, "summarize this channel")

    assert in_thread.startswith("In this thread: 2 messages since")
    assert outside.startswith("3 messages since")


async def test_help_and_who_she_is_are_told_with_any_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("I am a model")))

    assert "/memory forget" in await nellie.ask(ANA, "what can you do?")
    assert (await nellie.ask(ANA, "who are you?")).startswith("I am Nellie, a teammate")
    assert await nellie.texts() == []


@pytest.mark.parametrize("text", ["what did I miss?", "who are you?", "help"])
async def test_what_is_asked_in_private_stays_private(nellie: RunningNellie, text: str) -> None:
    await nellie.say(BOB, "the disk is full")
    turn = await nellie.open_turn(ANA, text, private=True)
    await nellie.parts.lanes.idle()

    assert nellie.platform.turns[turn].private
    assert nellie.platform.shown[turn]


async def test_what_replies_to_a_message_is_about_that(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("Ben wants a new disk.")))
    await nellie.say(BOB, "long talk about a disk", id="m-long")

    assert await nellie.ask(ANA, "summarize this", reply_to="m-long") == "Ben wants a new disk."


async def test_bots_make_no_standing_requests(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("I am a model")))

    assert await nellie.ask(Author("B1", "ci", bot=True), "who are you?") == "I am a model"


async def test_what_a_yes_has_done_is_told_though_the_platform_fails_at_first(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the disk is full")
    await nellie.ask(BOB, "forget me")
    nellie.platform.failures = 1

    answer = await nellie.ask(BOB, "yes")

    assert answer == "Forgotten: 1 message of yours."
    assert nellie.model.prompts == []
    assert await nellie.texts() == []


@pytest.mark.parametrize(
    "text",
    [
        "what did I miss in the deploy discussion about db-4?",
        "who are you going with?",
        "can you forget the milk?",
        "help me with the deploy",
    ],
)
async def test_a_question_with_content_goes_to_the_model(start_nellie: Start, text: str) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("that is for a model")))

    assert await nellie.ask(ANA, text) == "that is for a model"
    assert text in await nellie.texts()


async def test_forgetting_in_words_counts_and_asks_and_a_yes_does_it(
    nellie: RunningNellie,
) -> None:
    nellie.platform.admins = {ANA.id}
    await nellie.say(BOB, "the disk is full")
    await nellie.say(ANA, "order another one")

    asked = await nellie.ask(ANA, "Please forget everything!")
    before = await nellie.texts()
    done = await nellie.ask(ANA, "yes, please")

    assert asked.startswith("This forgets 2 messages of everyone, the oldest of 20")
    assert "Say “@Nellie yes” to do it" in asked
    assert before == ["the disk is full", "order another one"]
    assert done == "Forgotten: 2 messages of everyone."
    assert await nellie.texts() == []


async def test_everything_is_forgotten_only_for_who_has_rights(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is full")

    refused = await nellie.ask(ANA, "forget everything")
    asked = await nellie.ask(BOB, "forget everything I said")

    assert "people with rights over this channel" in refused
    assert "say “forget me”" in refused
    assert asked.startswith("This forgets 1 message of yours")


async def test_a_person_is_forgotten_with_the_yes_itself(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is full")
    await nellie.ask(BOB, "forget me")

    assert await nellie.ask(BOB, "ja") == "Forgotten: 1 message of yours."
    assert await nellie.texts() == []
    assert await nellie.find_traces(BOB.id) == []


async def test_somebody_elses_yes_does_nothing(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is full")
    await nellie.ask(BOB, "forget me")

    await nellie.ask(ANA, "yes")

    assert "the disk is full" in await nellie.texts()
    assert "yes" in await nellie.texts()


async def test_a_message_in_between_does_not_void_it_and_no_cancels_it(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "the disk is full")
    await nellie.ask(BOB, "forget me")
    await nellie.say(ANA, "lunch?")
    assert await nellie.ask(BOB, "no") == "Nothing was changed."
    await nellie.ask(BOB, "yes")
    assert "the disk is full" in await nellie.texts()

    await nellie.ask(BOB, "forget me")
    await nellie.say(BOB, "and one more thing")
    done = await nellie.ask(BOB, "はい")

    assert done.startswith("Forgotten: 3 messages")
    assert "the disk is full" not in await nellie.texts()


async def test_a_bare_yes_to_nobody_counts_while_nobody_else_has_spoken(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "one")
    await nellie.ask(BOB, "forget me")
    await nellie.say(ANA, "shall we go?")
    await nellie.say(BOB, "yes")
    assert "one" in await nellie.texts()

    await nellie.ask(BOB, "forget me")
    received = await nellie.say(BOB, "yes")
    assert received.turn
    await nellie.parts.turns.wait_until_ended(received.turn)

    assert await nellie.texts() == ["shall we go?"]


async def test_a_bare_yes_in_another_thread_answers_whoever_asked_there(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "is the deploy done?", id="t1", thread="t1")
    await nellie.say(ANA, "the disk is full")
    await nellie.ask(ANA, "forget me", id="t2")

    for number, yes in enumerate(["yes", "ja", "👍"]):
        await nellie.say(ANA, yes, thread="t1", id=f"y{number}")
    await nellie.parts.lanes.idle()
    assert await nellie.texts() == ["is the deploy done?", "the disk is full", "yes", "ja", "👍"]

    received = await nellie.say(ANA, "yes", thread="t2")
    await nellie.parts.lanes.idle()
    assert received.turn
    assert await nellie.texts() == ["is the deploy done?"]


@pytest.mark.parametrize("yes", ["yes", "oui", "はい"])
async def test_a_yes_to_somebody_in_a_thread_that_she_follows_is_none_to_her(
    nellie: RunningNellie, yes: str
) -> None:
    await nellie.ask(ANA, "is the disk full?", id="t1", thread="t1")
    await nellie.ask(ANA, "forget me", thread="t1")
    await nellie.say(BOB, "shall I order another one, Ana?", thread="t1")

    await nellie.say(ANA, yes, thread="t1")
    await nellie.parts.lanes.idle()

    assert "is the disk full?" in await nellie.texts()
    assert yes in await nellie.texts()


async def test_what_has_become_far_more_is_counted_and_asked_again(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "one")
    await nellie.ask(BOB, "forget me")
    for number in range(6):
        await nellie.say(BOB, f"more {number}")

    again = await nellie.ask(BOB, "yes")
    done = await nellie.ask(BOB, "yes")

    assert again.startswith("That has changed since I asked: it was 1. This forgets 7 messages")
    assert done == "Forgotten: 7 messages of yours."


async def test_a_yes_after_the_command_is_one_too_and_only_once(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "one")
    await nellie.run_command("memory forget me", BOB)
    await nellie.run_command("memory forget me", BOB)

    assert await nellie.ask(BOB, "ok") == "Forgotten: 1 message of yours."
    assert "Forgotten" not in await nellie.ask(BOB, "ok")


async def test_a_yes_that_comes_too_late_is_an_ordinary_message(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "one")
    await nellie.ask(BOB, "forget me")
    await nellie.rows("UPDATE confirmation SET at = now() - interval '11 minutes'")

    assert await nellie.ask(BOB, "yes") == "You said: yes"
    assert "one" in await nellie.texts()


async def test_alone_with_a_person_no_name_is_needed(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "the disk is full", channel=DIRECT)

    asked = await nellie.ask(ANA, "vergiss alles", channel=DIRECT)

    assert "Say “yes” to do it" in asked
    assert await nellie.ask(ANA, "Ja!", channel=DIRECT) == "Forgotten: 2 messages of everyone."

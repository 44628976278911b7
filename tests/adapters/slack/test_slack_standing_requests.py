"""What people ask in so many words, in Slack: shown to the asker alone, as commands are."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from adapters.slack.suggested_prompts import PROMPTS
from bot.llm.extractive import Extractive
from bot.testing import ScriptedModel, says


def in_the_thread(slack: Slack, thread: str) -> list[str]:
    """What everybody can read of Nellie's there."""
    return slack.answers("C1", thread)


async def test_a_catchup_in_words_is_shown_to_the_asker_alone(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U2", "C1", "the backup disk is full")
    await slack.settled()

    shown = await nellie.ask("@nellie what did I miss?")

    assert shown == []
    assert slack.private("U1")[0].startswith("1 message since")
    assert await nellie.remembered() == ["the backup disk is full"]


async def test_a_thread_is_summed_up_in_it(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U2", "C1", "lunch is at noon")
    first = slack.say("U2", "C1", "the backup disk is full")
    slack.say("U3", "C1", "I order another one", thread=first)
    await slack.settled()

    await nellie.ask("@nellie please summarize this thread", thread=first)

    assert slack.private("U1")[0].startswith("In this thread: 2 messages since")
    [shown] = slack.ephemeral_messages.values()
    assert shown.get("thread_ts") == first


async def test_help_names_commands_as_slack_has_them(nellie: NellieOnSlack) -> None:
    await nellie.ask("@nellie what can you do?")

    [shown] = nellie.slack.private("U1")
    assert "/nellie memory forget" in shown
    assert "What did I miss?" in shown


async def test_an_admins_yes_in_words_forgets_everything(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U2", "C1", "a secret")
    await slack.settled()

    await nellie.ask("@nellie forget everything", person="U2")
    await nellie.ask("@nellie forget everything")
    before = await nellie.remembered()
    await nellie.ask("@nellie yes", person="U2")
    await nellie.ask("@nellie yes")

    assert "Only people with rights" in slack.private("U2")[0]
    assert "This forgets 1 message of everyone" in slack.private("U1")[0]
    assert before == ["a secret"]
    assert "a secret" not in await nellie.remembered()


async def test_a_yes_in_words_answers_the_command_and_its_button_is_void(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    slack.say("U1", "C1", "a secret")
    await slack.settled()
    slack.command("U1", "C1", "memory forget me")
    await slack.until(lambda: slack.private("U1"))
    [question] = slack.ephemeral_messages

    shown = await nellie.ask("@nellie yes")
    slack.press("U1", "C1", question, "confirm")
    await slack.until(lambda: len(slack.private("U1")) > 1)

    assert shown == ["Forgotten: 1 message of yours."]
    assert slack.private("U1")[-1].startswith("There is nothing to forget")


async def test_the_button_no_voids_a_later_yes(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U1", "C1", "a secret")
    await slack.settled()
    slack.command("U1", "C1", "memory forget me")
    await slack.until(lambda: slack.private("U1"))
    [question] = slack.ephemeral_messages

    slack.press("U1", "C1", question, "cancel")
    await slack.until(lambda: len(slack.private("U1")) > 1)
    await nellie.ask("@nellie yes")

    assert slack.private("U1")[-1] == "Nothing was changed."
    assert "a secret" in await nellie.remembered()


@pytest.mark.parametrize("prompt", [message for _, message in PROMPTS])
@pytest.mark.parametrize("scripted", [True, False])
async def test_each_suggested_prompt_gets_an_answer(
    start_nellie: StartNellie, prompt: str, scripted: bool
) -> None:
    model = ScriptedModel(says("We decided on the red one.")) if scripted else Extractive()
    nellie = await start_nellie(model=model)
    own = nellie.slack.direct("U1").id
    nellie.slack.say("U1", own, "We decided to buy the red backup disk.")
    await nellie.wait_until_idle()

    nellie.slack.say("U1", own, prompt)
    await nellie.wait_until_idle()

    answer = nellie.slack.answers(own)[-1]
    assert "Nothing was said" not in answer
    assert "That is new to me" not in answer
    assert any(word in answer for word in ("red", "message"))

"""Tasks on Slack: typed after /nellie, and from a message's menu."""

import json

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie

from bot.domain.model import Prompt
from bot.testing import ScriptedModel, Steps, says

SHIP = "la nave è in ritardo"


def shouts(prompt: Prompt) -> Steps:
    """Translates by writing the text in capitals."""
    lines = prompt.messages[1].text.splitlines()
    return says("\n".join(one[2:].upper() for one in lines if one.startswith("| ")))(prompt)


@pytest.fixture
async def nellie(start_nellie: StartNellie) -> NellieOnSlack:
    model = ScriptedModel()
    model.follow("task", shouts)
    return await start_nellie(model=model)


async def command(nellie: NellieOnSlack, text: str) -> str:
    before = len(nellie.slack.private("U1"))
    nellie.slack.command("U1", "C1", text)
    await nellie.slack.until(lambda: len(nellie.slack.private("U1")) > before)
    return str(nellie.slack.private("U1")[-1])


async def from_menu(nellie: NellieOnSlack, ts: str, shortcut: str, typed: str) -> str:
    slack = nellie.slack
    before = len(slack.private("U1"))
    slack.shortcut("U1", "C1", ts, shortcut)
    if typed:
        await slack.until(lambda: slack.opened_views)
        slack.submit("U1", typed)
    await slack.until(lambda: len(slack.private("U1")) > before)
    return str(slack.private("U1")[-1])


async def test_a_text_is_translated_for_its_asker_alone(nellie: NellieOnSlack) -> None:
    assert await command(nellie, "translate deutsch the ship is late") == (
        "In German:\nTHE SHIP IS LATE"
    )


async def test_a_link_of_a_message_is_translated_as_it_stands(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", SHIP)
    await slack.settled()
    [(link,)] = await nellie.query("SELECT link FROM message WHERE text LIKE 'la nave%'")

    shown = await command(nellie, f"translate en <{link}>")

    assert shown.startswith("In English, what bob said ")
    assert shown.endswith(SHIP.upper())
    assert ts.replace(".", "") in link


async def test_everybody_sees_it_where_that_is_asked_for(nellie: NellieOnSlack) -> None:
    slack = nellie.slack

    slack.command("U1", "C1", "translate —public en ciao <@U2> &amp; co")
    await slack.until(lambda: "CIAO" in json.dumps(slack.posts("C1")))

    assert not slack.private("U1")
    shown = json.dumps(slack.posts("C1"))
    assert "CIAO @BOB & CO" in shown
    assert "<@U2>" not in shown


async def test_words_of_a_text_are_no_commands_of_ours(nellie: NellieOnSlack) -> None:
    nellie.model.follow("task", says("siehe /help und /docs/readme"))

    assert (await command(nellie, "translate de see /help and /docs/readme")).endswith(
        "siehe /help und /docs/readme"
    )


async def test_an_error_names_commands_as_they_are_typed_here(nellie: NellieOnSlack) -> None:
    assert "/nellie translate German" in await command(nellie, "translate Germn hello")


async def test_the_menu_translates_what_it_was_opened_at(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", SHIP)
    slack.say("U2", "C1", "something else")
    await slack.settled()

    shown = await from_menu(nellie, ts, "translate_message", "anglais")

    assert shown.startswith("In English, what bob said ")
    assert shown.endswith(SHIP.upper())
    assert SHIP.upper() not in json.dumps(slack.posts("C1"))


async def test_a_message_that_is_gone_meanwhile_is_not_translated(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", SHIP)
    await slack.settled()
    slack.shortcut("U1", "C1", ts, "translate_message")
    await slack.until(lambda: slack.opened_views)

    slack.delete("C1", ts)
    slack.submit("U1", "English")
    await slack.until(lambda: slack.private("U1"))

    assert "gone" in str(slack.private("U1")[-1])
    assert nellie.model.prompts_for("task") == []


async def test_the_menu_tells_how_a_message_sounds(nellie: NellieOnSlack) -> None:
    nellie.model.follow("task", says('{"label": "negative", "confidence": 0.9}'))
    ts = nellie.slack.say("U2", "C1", "The mizzen is adrift.")
    await nellie.slack.settled()

    assert (await from_menu(nellie, ts, "sentiment_message", "")).startswith("negative")


async def test_the_menu_sorts_a_message_by_labels(nellie: NellieOnSlack) -> None:
    nellie.model.follow("task", says('{"label": "bug", "confidence": 0.9}'))
    ts = nellie.slack.say("U2", "C1", "it hangs")
    await nellie.slack.settled()

    assert (await from_menu(nellie, ts, "classify_message", "bug, praise")).startswith("bug")
    assert "| it hangs" in nellie.model.prompts_for("task")[-1].messages[1].text


async def test_a_thread_is_summed_up_by_a_link(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U2", "C1", "who has the key?")
    slack.say("U1", "C1", "I have it", thread=ts)
    await slack.settled()
    [(link,)] = await nellie.query("SELECT link FROM message WHERE text = 'I have it'")

    shown = await command(nellie, f"summarize {link}")

    assert shown.startswith("2 messages since")
    assert "bob: who has the key?" in shown

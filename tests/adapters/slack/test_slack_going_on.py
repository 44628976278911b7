"""The button "Go on" below answers that were cut short, in Slack."""

import json
from typing import Any

import pytest
from doubles.nellie_on_slack import StartNellie
from doubles.slack_server import Slack

from bot.store.database import Database
from bot.testing import ScriptedModel, says

STEPS, REST = "First stop the server, then pull the", " disk out."
LONG = "A long tale, with " + "many a word, " * 60 + "and then the"


def cut_then(*scripts: Any, text: str = STEPS) -> ScriptedModel:
    return ScriptedModel(says(text, finish="length"), *scripts)


def buttons(post: dict[str, Any]) -> str:
    return json.dumps(post["blocks"])


@pytest.mark.parametrize("text", [STEPS, LONG, "See https://example.org/a and then the"])
async def test_a_press_posts_the_rest_in_the_thread_and_takes_the_button_away(
    start_nellie: StartNellie, text: str
) -> None:
    nellie = await start_nellie(model=cut_then(says("the disk out."), text=text))
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie how?")
    await nellie.wait_until_idle()
    [post] = slack.posts("C1", ts)
    assert "go_on" in buttons(post)

    pressed = slack.press("U2", "C1", post["ts"], "go_on")
    await slack.until(lambda: len(slack.answers("C1", ts)) == 2)
    await nellie.wait_until_idle()

    assert pressed.acknowledged
    first, rest = slack.posts("C1", ts)
    assert slack.answers("C1", ts)[1].strip() == "disk out."
    assert "go_on" not in buttons(first)
    assert "rate_answer" in buttons(first)
    assert "go_on" not in buttons(rest)
    assert first["metadata"]["event_payload"]["part"] == 0


async def test_pressed_by_two_people_it_goes_on_once(start_nellie: StartNellie) -> None:
    nellie = await start_nellie(model=cut_then(says(REST)))
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie how?")
    await nellie.wait_until_idle()
    [post] = slack.posts("C1", ts)

    for person in ("U2", "U1", "U2"):
        slack.press(person, "C1", post["ts"], "go_on", str(_turn(post)))
    await slack.until(lambda: len(slack.answers("C1", ts)) == 2)
    await nellie.wait_until_idle()

    assert len(slack.answers("C1", ts)) == 2
    assert len(nellie.model.prompts) == 2
    told = [*slack.private("U1"), *slack.private("U2")]
    assert len(told) == 2
    assert all("at it already" in one for one in told)


async def test_a_new_question_in_the_thread_takes_the_button_away(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=cut_then(says("A fan.")))
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie how?")
    await nellie.wait_until_idle()
    [post] = slack.posts("C1", ts)

    slack.say("U2", "C1", "@nellie and the fan?", thread=ts)
    await nellie.wait_until_idle()
    await slack.until(lambda: "go_on" not in buttons(slack.posts("C1", ts)[0]))

    slack.press("U1", "C1", post["ts"], "go_on", str(_turn(post)))
    await slack.until(lambda: slack.private("U1"))
    assert slack.private("U1")[0].startswith("Something else was asked here since")
    assert len(nellie.model.prompts) == 2


async def test_the_button_works_after_a_restart(
    start_nellie: StartNellie, database: Database
) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack, model=cut_then())
        ts = slack.say("U1", "C1", "@nellie how?")
        await nellie.wait_until_idle()
        [post] = slack.posts("C1", ts)
        await nellie.crash()
        successor = await start_nellie(slack, model=ScriptedModel(says(REST)))

        slack.press("U1", "C1", post["ts"], "go_on")
        await slack.until(lambda: len(slack.answers("C1", ts)) == 2)
        await successor.wait_until_idle()

        assert slack.answers("C1", ts)[1].strip() == REST.strip()
        assert "go_on" not in buttons(slack.posts("C1", ts)[0])


async def test_in_direct_messages_the_rest_stands_where_the_answer_does(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=cut_then(says(REST), says("more.")))
    slack = nellie.slack
    room = slack.direct("U1").id
    ts = slack.say("U1", room, "how?")
    await nellie.wait_until_idle()
    [post] = slack.posts(room, ts)

    slack.press("U1", room, post["ts"], "go_on")
    await slack.until(lambda: len(slack.answers(room, ts)) == 2)
    await nellie.wait_until_idle()

    assert slack.answers(room, ts)[1].strip() == REST.strip()


async def test_who_is_not_in_the_channel_cannot_go_on(start_nellie: StartNellie) -> None:
    nellie = await start_nellie(model=cut_then(says(REST)))
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie how?")
    await nellie.wait_until_idle()
    [post] = slack.posts("C1", ts)
    stranger = slack.person("dora").id

    slack.press(stranger, "C1", post["ts"], "go_on")
    await slack.until(lambda: slack.called("response_url") or slack.private(stranger))
    await nellie.wait_until_idle()

    assert len(nellie.model.prompts) == 1
    assert "go_on" in buttons(slack.posts("C1", ts)[0])


async def test_a_private_answer_goes_on_for_its_asker_alone(start_nellie: StartNellie) -> None:
    nellie = await start_nellie(model=cut_then(says(REST)))
    slack = nellie.slack
    slack.command("U1", "C1", "ask how?")
    await slack.until(lambda: len(slack.private("U1")) == 2)
    await nellie.wait_until_idle()
    offer = _offer(slack)

    slack.press("U1", "C1", offer, "go_on")
    await slack.until(lambda: any("disk out." in one for one in slack.private("U1")))
    await nellie.wait_until_idle()

    assert not any("longer than that" in one for one in slack.private("U1"))
    assert not any("disk out." in one for one in slack.visible("C1"))
    assert await nellie.remembered() == []


async def test_a_private_answer_goes_on_after_a_restart(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack, model=cut_then())
        slack.command("U1", "C1", "ask how?")
        await slack.until(lambda: len(slack.private("U1")) == 2)
        await nellie.wait_until_idle()
        offer = _offer(slack)
        await nellie.crash()
        successor = await start_nellie(slack, model=ScriptedModel(says(REST)))

        slack.press("U1", "C1", offer, "go_on")
        await slack.until(lambda: any("disk out." in one for one in slack.private("U1")))
        await successor.wait_until_idle()

        assert not any("disk out." in one for one in slack.visible("C1"))


def _turn(post: dict[str, Any]) -> int:
    return int(post["metadata"]["event_payload"]["turn_id"])


def _offer(slack: Slack) -> str:
    return next(
        ts
        for ts, message in slack.ephemeral_messages.items()
        if "go_on" in json.dumps(message.get("blocks", []))
    )

"""What people and apps post in Slack: rich text, edits, files of others, private channels, bots."""

from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import NELLIE, Slack

from bot.testing import ScriptedModel


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return [{"type": "rich_text", "elements": [section]}]


def prompts(nellie: NellieOnSlack) -> list[str]:
    return ["\n".join(part.text for part in one.messages) for one in nellie.model.prompts]


async def test_a_question_in_rich_text_alone_is_answered(nellie: NellieOnSlack) -> None:
    asked = rich({"type": "user", "user_id": NELLIE}, {"type": "text", "text": " where is it?"})

    assert await nellie.ask("", blocks=asked) == ["You said: where is it?"]


@pytest.mark.parametrize("events", [None, {"app_mention"}, {"message.channels"}])
async def test_a_mention_that_an_edit_adds_is_answered_once(
    start_nellie: StartNellie, events: set[str] | None
) -> None:
    async with Slack(events=frozenset(events) if events else None) as slack:
        nellie = await start_nellie(slack)
        ts = slack.say("U1", "C1", "where is it")
        await nellie.wait_until_idle()

        slack.edit("C1", ts, "@nellie where is it?")
        await nellie.wait_until_idle()
        slack.edit("C1", ts, "@nellie where is it now?")
        await nellie.wait_until_idle()

        assert slack.answers("C1", ts) == ["You said: where is it?"]


async def test_an_edit_of_a_question_is_no_other_question(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "@nellie where is it?")
    direct = slack.dm("U2", "hello")
    await nellie.wait_until_idle()

    slack.edit("C1", ts, "@nellie where is it now?")
    slack.edit(slack.direct("U2").id, direct, "hello!")
    await nellie.wait_until_idle()

    assert len(nellie.model.prompts) == 2


async def test_a_follow_up_is_understood_after_a_mention_by_edit(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "where is it")
    slack.edit("C1", ts, "@nellie where is it?")
    await nellie.wait_until_idle()

    slack.say("U1", "C1", "and the other one?", thread=ts)
    await nellie.wait_until_idle()

    assert slack.answers("C1", ts)[1:] == ["You said: and the other one?"]


async def test_the_name_of_a_private_channel_is_told_in_itself_alone(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    secret = slack.channel("secret-plans", kind="group")
    unknown = slack.channel("hidden-plans", kind="group", nellie=False)
    public = slack.channel("harbour", nellie=False)
    links = f"<#{secret}|secret-plans> <#{unknown}|hidden-plans> <#{public}>"

    slack.say("U1", "C1", f"see {links}")
    slack.say("U1", secret, f"here in <#{secret}>")
    await slack.settled()

    remembered = await nellie.remembered()
    assert f"see #{secret} #{unknown} #harbour" in remembered
    assert "here in #secret-plans" in remembered


async def test_what_an_unheard_bot_wrote_is_read_for_a_question_in_its_thread(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "quay 7 is flooded"}}
    alert = slack.bot_says("C1", "", blocks=[block])
    slack.bot_says("C1", "it is the valve", thread_ts=alert)

    await nellie.ask("@nellie what does this mean?", thread=alert)
    await nellie.ask("@nellie anything else?")

    first, second = prompts(nellie)
    assert "other (a bot): quay 7 is flooded" in first
    assert "other (a bot): it is the valve" in first
    assert "quay 7" not in second
    assert not [text for text in await nellie.remembered() if "quay 7" in text or "valve" in text]


async def test_slackbot_and_workflows_are_bots(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    profile = {"id": "B8", "name": "Standup", "app_id": "A8", "team_id": "T1"}

    slack.say("USLACKBOT", "C1", "Reminder: the tide")
    slack.say("U1", "C1", "42", subtype="slackbot_response")
    slack.say("U1", "C1", "@nellie what did you do?", bot_id="B8", bot_profile=profile)
    slack.say("U1", "C1", "I sailed")
    await nellie.wait_until_idle()

    assert await nellie.remembered() == ["I sailed"]
    assert nellie.model.prompts == []


async def test_a_bot_that_is_heard_gets_three_answers_in_a_row(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(
            slack, environ={"NELLIE_SLACK_BOTS": "B3"}, model=ScriptedModel()
        )
        root = slack.say("U1", "C1", "pump 3 talks here")
        for number in range(5):
            slack.bot_says("C1", f"@nellie dry? {number}", bot="B3", thread_ts=root)
            await nellie.wait_until_idle()
        assert len(slack.answers("C1", root)) == 3

        slack.say("U1", "C1", "go on", thread=root)
        slack.bot_says("C1", "@nellie dry now?", bot="B3", thread_ts=root)
        await nellie.wait_until_idle()

        assert len(slack.answers("C1", root)) == 4
        [[bots]] = await nellie.query("SELECT count(*) FROM message WHERE bot")
        assert bots == 6

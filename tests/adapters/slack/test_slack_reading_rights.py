"""Who is not in a channel in Slack, a guest say, is told nothing of it by Nellie."""

import json

import pytest
from doubles.nellie_on_slack import NellieOnSlack

NOT_TOLD = "You are not in this channel"
SECRET = "the safe opens with seven turns"


async def told(nellie: NellieOnSlack, person: str) -> list[str]:
    await nellie.wait_until_idle()
    return nellie.slack.private(person)


@pytest.fixture(params=["guest", "member who looks in"])
async def outsider(nellie: NellieOnSlack, request: pytest.FixtureRequest) -> str:
    """Somebody who is not in #general, where Ana has said something."""
    nellie.slack.say("U1", "C1", SECRET)
    await nellie.slack.settled()
    return nellie.slack.person("gus", guest=request.param == "guest").id


@pytest.mark.parametrize(
    "text",
    ["memory search safe", "memory show", "memory", "catchup 2h", "ask how does the safe open?"],
)
async def test_a_command_tells_them_nothing_and_why(
    nellie: NellieOnSlack, outsider: str, text: str
) -> None:
    nellie.slack.command(outsider, "C1", text)

    [answer] = await told(nellie, outsider)
    assert answer.startswith(NOT_TOLD)
    assert nellie.model.prompts == []


async def test_a_shortcut_reads_no_thread_for_them(nellie: NellieOnSlack, outsider: str) -> None:
    slack = nellie.slack
    ts = slack.say("U1", "C1", "a thread begins")
    before = len(slack.called("conversations.replies"))

    for name in ("summarize_thread", "ask_about"):
        slack.shortcut(outsider, "C1", ts, name)

    answers = await told(nellie, outsider)
    assert [answer.startswith(NOT_TOLD) for answer in answers] == [True, True]
    assert len(slack.called("conversations.replies")) == before
    assert outsider not in slack.opened_views


async def test_once_they_are_in_they_are_told_and_no_more_when_they_have_left(
    nellie: NellieOnSlack, outsider: str
) -> None:
    slack = nellie.slack

    slack.invite("C1", outsider)
    slack.command(outsider, "C1", "memory search safe")
    assert "seven" in (await told(nellie, outsider))[-1]
    slack.kick("C1", outsider)
    await slack.settled()
    slack.command(outsider, "C1", "memory search safe")
    assert (await told(nellie, outsider))[-1].startswith(NOT_TOLD)


async def test_their_own_words_they_can_still_take_back(
    nellie: NellieOnSlack, outsider: str
) -> None:
    nellie.slack.command(outsider, "C1", "memory forget me")

    [answer] = await told(nellie, outsider)
    assert not answer.startswith(NOT_TOLD)


async def test_where_slack_names_no_members_nothing_is_told(nellie: NellieOnSlack) -> None:
    nellie.slack.say("U1", "C1", SECRET)
    nellie.slack.faults.refuse("conversations.members", error="missing_scope", times=10**6)

    nellie.slack.command("U2", "C1", "memory search safe")

    assert "seven" not in json.dumps(await told(nellie, "U2"))

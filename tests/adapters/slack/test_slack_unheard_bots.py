"""A thread is read for what bots wrote in it only where they may have written something."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from adapters.slack import unheard
from adapters.slack.incoming import BotIdentity
from adapters.slack.rate_limits import RateLimits
from adapters.slack.unheard import UnheardBots

BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "quay 7 is flooded"}}


def asked(slack: Slack) -> int:
    """How often a whole thread was asked for, as nothing but a question does."""
    return sum("oldest" not in call for call in slack.called("conversations.replies"))


def last_prompt(nellie: NellieOnSlack) -> str:
    return str(nellie.model.prompts[-1])


async def test_in_a_thread_of_people_alone_slack_is_asked_nothing(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.bot_says("C1", "", blocks=[BLOCK])  # elsewhere in the channel
    root = slack.say("U1", "C1", "the pump is loud")
    slack.say("U2", "C1", "very", thread=root)
    before = asked(slack)

    await nellie.ask("@nellie which pump?", thread=root)

    assert asked(slack) == before
    assert "the pump is loud" in last_prompt(nellie)


async def test_what_a_bot_writes_after_the_first_question_is_read_for_the_second(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    root = slack.say("U1", "C1", "the pump is loud")
    await nellie.ask("@nellie which pump?", thread=root)

    slack.bot_says("C1", "pump 3 stopped", thread_ts=root)
    await nellie.ask("@nellie and now?", thread=root)

    assert "other (a bot): pump 3 stopped" in last_prompt(nellie)


async def test_a_thread_from_before_the_start_is_read_once(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        root = slack.say("U1", "C1", "the pump is loud")
        alert = slack.bot_says("C1", "", blocks=[BLOCK])
        nellie = await start_nellie(slack)
        slack.say("U1", "C1", "good morning")
        await nellie.wait_until_idle()
        before = asked(slack)

        await nellie.ask("@nellie which pump?", thread=root)
        assert asked(slack) == before + 1
        await nellie.ask("@nellie and since when?", thread=root)
        assert asked(slack) == before + 1

        for _ in range(2):  # what is there may have been edited
            await nellie.ask("@nellie what does this mean?", thread=alert)
            assert "quay 7 is flooded" in last_prompt(nellie)


async def test_where_mentions_alone_are_heard_it_is_always_read(start_nellie: StartNellie) -> None:
    async with Slack(events=frozenset({"app_mention"})) as slack:
        nellie = await start_nellie(slack)
        root = slack.say("U1", "C1", "@nellie the pump is loud")
        await nellie.wait_until_idle()
        slack.bot_says("C1", "pump 3 stopped", thread_ts=root)

        await nellie.ask("@nellie which pump?", thread=root)

        assert "other (a bot): pump 3 stopped" in last_prompt(nellie)


@pytest.mark.parametrize("gap", ["sockets", "kicked"])
async def test_what_a_bot_wrote_while_nobody_listened_is_read(
    nellie: NellieOnSlack, gap: str
) -> None:
    slack = nellie.slack
    root = slack.say("U1", "C1", "the pump is loud")
    await nellie.ask("@nellie which pump?", thread=root)

    await miss(nellie, root, gap)
    await nellie.ask("@nellie and now?", thread=root)

    assert "other (a bot): pump 3 stopped" in last_prompt(nellie)


@pytest.mark.parametrize("change", ["edit", "unfurl"])
async def test_an_old_message_that_is_changed_does_not_say_what_followed_it(
    nellie: NellieOnSlack, change: str
) -> None:
    slack = nellie.slack
    old = slack.say("U1", "C1", "see https://a.example")
    root = slack.say("U1", "C1", "the pump is loud")
    await nellie.wait_until_idle()

    slack.app_is_down = True
    slack.bot_says("C1", "pump 3 stopped", thread_ts=root)
    slack.app_is_down = False
    workspace = await nellie.adapter._service._sign_in.workspace()
    workspace.unheard_bots.missed()
    if change == "edit":
        slack.edit("C1", old, "see https://b.example")
    else:
        slack.unfurl("C1", old)
    await nellie.wait_until_idle()
    await nellie.ask("@nellie and now?", thread=root)

    assert "other (a bot): pump 3 stopped" in last_prompt(nellie)


async def miss(nellie: NellieOnSlack, root: str, gap: str) -> None:
    """A bot writes in the thread, and no event of it comes."""
    slack = nellie.slack
    if gap == "sockets":
        opened = slack.sockets.opened
        slack.app_is_down = True
        slack.bot_says("C1", "pump 3 stopped", thread_ts=root)
        slack.app_is_down = False
        await slack.sockets.disconnect("refresh_requested")
        await slack.until(lambda: slack.sockets.opened == opened + 2)
    else:
        slack.kick("C1")
        slack.bot_says("C1", "pump 3 stopped", thread_ts=root)
        slack.invite("C1")
    await nellie.wait_until_idle()


async def test_beside_another_replica_it_is_always_read(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    root = slack.say("U1", "C1", "the pump is loud")
    workspace = await nellie.adapter._service._sign_in.workspace()

    workspace.rate_limits.share(TwoReplicas())
    before = asked(slack)
    await nellie.ask("@nellie which pump?", thread=root)
    assert asked(slack) == before + 1

    workspace.rate_limits.share(nellie.parts.turns)  # it is alone again: what it missed, who knows
    await nellie.ask("@nellie and now?", thread=root)
    assert asked(slack) == before + 2


class TwoReplicas:
    replicas = 2


def test_of_very_many_posts_it_forgets_what_it_heard_rather_than_who_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unheard, "THREADS", 3)
    identity = BotIdentity("T1", "UBOT", "BBOT", "https://x/")
    known = UnheardBots(identity=identity, bots=frozenset(), replicas=RateLimits())
    for number in range(1, 6):
        known.note("C1", {"type": "message", "bot_id": "B2", "ts": f"{number}.0"})

    assert all(known.may_be_in("C1", f"{number}.0") for number in range(1, 6))


def test_what_is_delivered_again_after_a_gap_does_not_say_what_followed_it() -> None:
    identity = BotIdentity("T1", "UBOT", "BBOT", "https://x/")
    known = UnheardBots(identity=identity, bots=frozenset(), replicas=RateLimits())
    asked = {"type": "message", "user": "U1", "ts": "5.0"}
    known.note("C1", asked)
    known.missed()

    known.note("C1", asked)
    assert known.may_be_in("C1", "5.0")

    known.note("C1", {"type": "message", "user": "U1", "ts": "6.0"})
    assert not known.may_be_in("C1", "6.0")


@pytest.mark.parametrize("ts", ["", "x", "nan", "-1", "9" * 400, "1e999"])
def test_what_is_no_ts_says_nothing(ts: str) -> None:
    identity = BotIdentity("T1", "UBOT", "BBOT", "https://x/")
    known = UnheardBots(identity=identity, bots=frozenset(), replicas=RateLimits())
    known.note("C1", {"type": "message", "user": "U1", "ts": ts})

    assert known.may_be_in("C1", "1.0")
    assert known.may_be_in("C1", ts)

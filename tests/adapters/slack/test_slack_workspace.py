"""Joining channels, catching up, a plan without streams, and being removed."""

import asyncio

from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import BOT_ID, Slack
from structlog.testing import capture_logs


async def test_introduces_itself_once_where_it_is_invited(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    room = slack.channel("new", nellie=False)
    slack.say("U1", room, "before Nellie came")

    slack.invite(room)
    await slack.until(lambda: slack.answers(room))
    slack.kick(room)
    slack.invite(room)
    await slack.settled()

    async with asyncio.timeout(60):
        while "before Nellie came" not in await nellie.remembered():  # noqa: ASYNC110  # no event
            await asyncio.sleep(0.05)
    assert len(slack.answers(room)) == 1


async def test_catches_up_with_messages_written_while_it_was_away(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.app_is_down = True
    root = slack.say("U2", "C1", "said to nobody")
    asked = slack.say("U1", "C1", "@nellie are you there?")
    slack.say("U1", "C1", "in a thread", thread=root)
    slack.app_is_down = False

    await slack.sockets.disconnect("refresh_requested")
    await slack.until(lambda: slack.answers("C1", asked))
    await nellie.wait_until_idle()

    assert {"said to nobody", "in a thread"} <= set(await nellie.remembered())
    assert slack.answers("C1", asked) == ["You said: are you there?"]


async def test_stops_and_logs_once_that_the_app_was_uninstalled(nellie: NellieOnSlack) -> None:
    with capture_logs() as lines:
        nellie.slack.uninstall()
        await nellie.slack.until(lambda: nellie.running.done())

    assert nellie.running.exception() is None
    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "removed_from_workspace"
    ]


async def test_works_without_streams_and_agents(start_nellie: StartNellie) -> None:
    async with Slack(streaming=False, agents=False) as slack:
        nellie = await start_nellie(slack)

        assert await nellie.ask("@nellie hello") == ["You said: hello"]
        assert all(one["bot_id"] == BOT_ID for one in slack.posts("C1"))


async def test_hears_over_one_socket_while_the_other_waits_for_its_address(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        slack.faults.slow("apps.connections.open", seconds=5, times=1)
        starting = asyncio.create_task(start_nellie(slack))
        await slack.until(lambda: slack.sockets.open)
        asked = slack.say("U1", "C1", "@nellie hello")
        await slack.until(lambda: slack.answers("C1", asked) == ["You said: hello"])

        assert len(slack.sockets.open) == 1
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)


async def test_health_checks_see_whether_slack_is_connected(nellie: NellieOnSlack) -> None:
    assert nellie.adapter.connected()

    nellie.running.cancel()
    await asyncio.gather(nellie.running, return_exceptions=True)

    assert not nellie.adapter.connected()

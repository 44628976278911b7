"""Events of any size: none costs the others that are on their way to the same socket."""

import asyncio
from collections.abc import Callable

import pytest
from doubles.nellie_on_slack import StartNellie
from doubles.slack_server import Slack
from structlog.testing import capture_logs

from adapters.slack import socket_frames

LARGE = 9_000_000  # characters; aiohttp alone would end a socket at half of that


def say(slack: Slack) -> None:
    slack.say("U1", "C1", "x" * LARGE)


def say_in_cyrillic(slack: Slack) -> None:
    slack.say("U1", "C1", "ж" * (LARGE // 6))  # six bytes each, as Slack escapes them


def edit(slack: Slack) -> None:
    ts = slack.say("U1", "C1", "y" * (LARGE // 3))
    slack.edit("C1", ts, "z" * (LARGE // 3))


def say_in_many_blocks(slack: Slack) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "b" * 3_000}}
    slack.say("U1", "C1", "", blocks=[section] * (LARGE // 3_000))


@pytest.mark.parametrize("do", [say, say_in_cyrillic, edit, say_in_many_blocks])
async def test_a_large_event_is_taken_with_all_that_come_beside_it(
    start_nellie: StartNellie, do: Callable[[Slack], None]
) -> None:
    async with Slack(retries=(), ack_within=20) as slack:
        nellie = await start_nellie(slack)
        opened = slack.sockets.opened

        do(slack)
        for number in range(20):
            slack.say("U2", "C1", f"line {number}")
        await nellie.wait_until_idle()

        assert slack.delivery.lost == []
        assert slack.sockets.opened == opened
        assert {f"line {number}" for number in range(20)} <= set(await nellie.remembered())


async def test_by_http_an_event_of_some_megabytes_is_taken_too(start_nellie: StartNellie) -> None:
    async with Slack(retries=(), ack_within=20) as slack:
        nellie = await start_nellie(slack, mode="http")

        ts = slack.say("U1", "C1", "y" * 900_000)
        slack.edit("C1", ts, "z" * 900_000)
        await nellie.wait_until_idle()

        assert slack.delivery.lost == []
        assert "z" * 900_000 in await nellie.remembered()


async def test_an_event_too_large_for_a_socket_is_read_in_history_and_loses_no_other(
    start_nellie: StartNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_frames, "LARGEST_FRAME", 50_000)
    async with Slack(retries=(0.1, 0.1), ack_within=1) as slack:
        nellie = await start_nellie(slack)

        with capture_logs() as lines:
            slack.say("U1", "C1", "much " * 20_000)
            for number in range(20):
                slack.say("U2", "C1", f"line {number}")
            await slack.settled()
            async with asyncio.timeout(60):
                while len(await nellie.remembered()) < 21:  # noqa: ASYNC110  # a database has no event
                    await asyncio.sleep(0.05)
            asked = slack.say("U1", "C1", "@nellie are you well?")
            await slack.until(lambda: slack.answers("C1", asked))
            await nellie.wait_until_idle()

        assert "event_not_taken" in {line["event"] for line in lines}
        assert len(await nellie.remembered()) == 23

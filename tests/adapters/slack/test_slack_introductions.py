"""Nellie introduces herself in Slack: once, before she reads, through everything that happens."""

import asyncio

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from adapters.kit import backfill_loop
from adapters.slack import own_posts

OLD = "said before she came"


def introductions(slack: Slack, room: str) -> list[str]:
    return [text for text in slack.answers(room) if text.startswith("Hi, I am Nellie.")]


def a_new_channel(slack: Slack) -> str:
    """A channel in which something was said, and she is not yet."""
    room = slack.channel("new", nellie=False)
    slack.say("U1", room, OLD)
    return room


async def until_remembered(nellie: NellieOnSlack, text: str = OLD) -> None:
    async with asyncio.timeout(60):
        while text not in await nellie.remembered():  # noqa: ASYNC110  # a database has no event
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_loop, "AGAIN", 0.2)
    monkeypatch.setattr(own_posts, "PAUSES", (0.0, 0.05))


async def test_it_is_posted_before_history_is_asked_for(nellie: NellieOnSlack) -> None:
    room = a_new_channel(nellie.slack)

    nellie.slack.invite(room)
    await until_remembered(nellie)

    methods = [call.method for call in nellie.slack.calls if call.get("channel") == room]
    assert methods.index("chat.postMessage") < methods.index("conversations.history")
    [text] = introductions(nellie.slack, room)
    assert "/nellie memory show" in text
    assert "buttons" not in str(nellie.slack.posts(room))


@pytest.mark.parametrize("fault", ["limited", "cut", "failed", "refused"])
async def test_it_stands_once_whatever_happens_to_its_post(
    nellie: NellieOnSlack, fault: str
) -> None:
    slack = nellie.slack
    room = a_new_channel(slack)
    match fault:
        case "limited":
            slack.faults.limit("chat.postMessage", retry_after=0.2, times=2)
        case "cut":  # it is posted, and nobody hears so
            slack.faults.break_off("chat.postMessage", times=1)
        case "failed":
            slack.faults.fail("chat.postMessage", times=2)
        case _:
            slack.faults.refuse("chat.postMessage", error="restricted_action", times=4)

    slack.invite(room)
    await until_remembered(nellie)

    assert len(introductions(slack, room)) == 1


async def test_nothing_is_read_while_its_post_is_refused(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    room = a_new_channel(slack)
    slack.faults.refuse("chat.postMessage", error="restricted_action", times=10**6)

    slack.invite(room)
    await slack.until(lambda: len(slack.called("chat.postMessage")) > 4)

    assert OLD not in await nellie.remembered()
    looks = [one for one in slack.called("conversations.history") if one["channel"] == room]
    assert all(one["include_all_metadata"] for one in looks)  # for what it may have posted itself
    slack.faults.clear()
    await until_remembered(nellie)
    assert len(introductions(slack, room)) == 1


async def test_a_channel_joined_while_she_was_down_is_introduced_at_the_start(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        room = a_new_channel(slack)
        slack.invite(room)

        nellie = await start_nellie(slack)
        await until_remembered(nellie)

        assert len(introductions(slack, room)) == 1


async def test_a_channel_that_was_spoken_in_before_is_introduced_too(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    room = slack.channel("known", nellie=False)
    slack.rooms[room].members.append("UNELLIE")  # the event of it is lost
    await nellie.ask("@nellie hello", channel=room)

    await slack.sockets.disconnect("refresh_requested")
    await slack.until(lambda: introductions(slack, room))

    assert len(introductions(slack, room)) == 1


async def test_a_replica_that_dies_after_posting_leaves_one_introduction(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        first, second = await start_nellie(slack), await start_nellie(slack)
        room = a_new_channel(slack)
        slack.faults.slow("chat.postMessage", seconds=30)  # posted, and the answer is still out

        slack.invite(room)
        await slack.until(lambda: introductions(slack, room))
        slack.faults.clear()
        running = (
            "SELECT c.external_id, owner FROM lane JOIN channel c ON c.id = channel_id"
            " WHERE owner IS NOT NULL"
        )
        owner = dict(await first.query(running))[room]
        dying = first if first.parts.lanes.owner == owner else second
        await dying.crash()
        await until_remembered(second if dying is first else first)

        assert len(introductions(slack, room)) == 1

"""Reminders in Slack: in their thread, in the channel, or by direct message; each once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from doubles.nellie_on_slack import NellieOnSlack

from bot.domain.model import Author
from bot.store.reminders import NewReminder

HI = "@nellie hello"


async def remind(nellie: NellieOnSlack, *, thread: str = "", private: bool = False) -> None:
    """Somebody has a reminder that is due, and every look at it is made twice."""
    stores = nellie.parts.stores
    [(channel_id,)] = await nellie.query("SELECT id FROM channel WHERE external_id = 'C1'")
    channel = (await stores.channels.state(channel_id)).channel
    await stores.reminders.add(
        NewReminder(
            channel_id=channel_id,
            channel=channel,
            person=Author("U1", "Ana"),
            text="call the pilot <!channel>",
            at=datetime.now(UTC),
            zone="UTC",
            thread=thread,
            private=private,
        )
    )
    for _ in range(2):
        await nellie.parts.jobs.open_reminders()
        await nellie.wait_until_idle()


@pytest.mark.parametrize("in_thread", [True, False])
async def test_it_is_posted_once_where_it_belongs_and_found_again(
    nellie: NellieOnSlack, in_thread: bool
) -> None:
    ts = nellie.slack.say("U1", "C1", HI)
    await nellie.wait_until_idle()

    await remind(nellie, thread=ts if in_thread else "")

    posts = [one for one in nellie.slack.posts("C1") if "call the pilot" in one["text"]]
    posts += [one for one in nellie.slack.posts("C1", ts) if "call the pilot" in one["text"]]
    places = {one["ts"]: one.get("thread_ts", "") for one in posts}
    assert list(places.values()) == [ts if in_thread else ""]
    assert "<!channel>" not in posts[0]["text"]
    [*_, [turn_id]] = await nellie.query("SELECT id FROM turn ORDER BY id")
    turn = await nellie.parts.turns.get(turn_id)
    assert turn is not None
    assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted
    assert await nellie.query("SELECT 1 FROM reminder") == []


async def test_a_private_one_comes_by_direct_message_where_it_stays(nellie: NellieOnSlack) -> None:
    nellie.slack.say("U1", "C1", HI)
    await nellie.wait_until_idle()

    await remind(nellie, private=True)

    told = nellie.slack.answers(nellie.slack.direct("U1").id)
    assert [text for text in told if "You asked me to remind you: call the pilot" in text]
    assert not any("call the pilot" in one["text"] for one in nellie.slack.posts("C1"))
    assert await nellie.query("SELECT 1 FROM reminder") == []
    assert await nellie.query("SELECT 1 FROM turn WHERE reply LIKE :words", words="%pilot%") == []

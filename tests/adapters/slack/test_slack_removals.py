"""Slack shows Nellie out, or a channel is deleted: it is noted, heard of or not, and taken back."""

import asyncio
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import NELLIE, Slack

NOTED = "SELECT external_id FROM removal JOIN channel ON id = channel_id ORDER BY external_id"


async def noted(nellie: NellieOnSlack) -> list[str]:
    return [channel for (channel,) in await nellie.query(NOTED)]


async def until_noted(nellie: NellieOnSlack, *channels: str) -> None:
    async with asyncio.timeout(60):
        while await noted(nellie) != sorted(channels):  # noqa: ASYNC110  # a database has no event
            await asyncio.sleep(0.05)


async def forget_after(nellie: NellieOnSlack, days: int) -> None:
    sql = "UPDATE removal SET at = at - make_interval(days => :days) RETURNING 1"
    await nellie.query(sql, days=days)
    await nellie.parts.jobs.expire()


@pytest.mark.parametrize("way", ["kicked", "deleted"])
@pytest.mark.parametrize("kind", ["channel", "group"])
async def test_what_nellie_is_out_of_is_noted_and_forgotten(
    start_nellie: StartNellie, way: str, kind: Any
) -> None:
    async with Slack() as slack:
        room = slack.channel("ops", kind=kind)
        nellie = await start_nellie(slack, forget_removed_days=7)
        slack.say("U1", room, "the code is 4711")
        slack.say("U1", "C1", "hello")
        await nellie.wait_until_idle()

        slack.kick(room) if way == "kicked" else slack.delete_room(room)
        await until_noted(nellie, room)
        await forget_after(nellie, 8)

        assert "the code is 4711" not in await nellie.remembered()
        assert "hello" in await nellie.remembered()


async def test_an_archived_channel_a_rename_and_another_who_leaves_are_no_removal(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    slack.say("U1", "C1", "hello")
    slack.kick("C1", "U2")
    slack.rename("C1", "lobby")
    slack.archive("C1")
    await nellie.wait_until_idle()

    assert await noted(nellie) == []


async def test_who_is_invited_again_goes_on_and_an_old_event_changes_nothing(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    await nellie.ask("@nellie remember the milk")
    slack.kick("C1")
    await until_noted(nellie, "C1")

    slack.invite("C1")
    await until_noted(nellie)
    slack.send_event({"type": "channel_left", "channel": "C1", "event_ts": slack.next_ts()})
    await nellie.wait_until_idle()

    assert await noted(nellie) == []
    assert len([one for one in slack.answers("C1") if one.startswith("Hi, I am Nellie.")]) == 1


async def test_what_happened_while_nellie_was_down_is_found_at_the_next_start(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        shown_out, deleted, archived = (slack.channel(name) for name in ("a", "b", "c"))
        private = slack.channel("d", kind="group")
        first = await start_nellie(slack)
        for room in (shown_out, deleted, archived, private, "C1"):
            slack.say("U1", room, "hello")
        slack.say("U1", slack.direct("U1").id, "psst")
        await first.wait_until_idle()
        await first.crash()
        slack.rooms[shown_out].members.remove(NELLIE)
        slack.rooms[private].members.remove(NELLIE)
        slack.rooms[archived].archived = True
        del slack.rooms[deleted]

        second = await start_nellie(slack, introduced=False)
        await until_noted(second, shown_out, deleted, private)
        asked = len(slack.called("conversations.info"))

        assert await noted(second) == sorted([shown_out, deleted, private])
        await second.crash()
        third = await start_nellie(slack, introduced=False)
        slack.invite(shown_out)
        await until_noted(third, deleted, private)
        again = [one["channel"] for one in slack.called("conversations.info")[asked:]]
        assert deleted not in again
        assert private not in again


async def test_an_app_that_is_uninstalled_is_out_of_every_channel(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.say("U1", "C1", "hello")
    slack.say("U1", slack.direct("U1").id, "psst")
    await nellie.wait_until_idle()
    known = await nellie.query("SELECT external_id FROM channel ORDER BY external_id")

    slack.uninstall()
    await nellie.running
    assert await noted(nellie) == [channel for (channel,) in known]


async def test_what_is_read_in_while_the_app_is_uninstalled_takes_no_note_back(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = nellie.slack
    await nellie.ask("@nellie hello")
    undo = nellie.parts.inbox.removals.undo

    async def undo_late(channel_id: int) -> None:
        await until_noted(nellie, "C1")
        await undo(channel_id)

    monkeypatch.setattr(nellie.parts.inbox.removals, "undo", undo_late)
    slack.invite("C1")
    slack.uninstall()
    await nellie.running
    assert await noted(nellie) == ["C1"]


async def test_of_a_channel_that_slack_says_nothing_about_nothing_is_concluded(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        room = slack.channel("ops")
        first = await start_nellie(slack)
        slack.say("U1", room, "hello")
        await first.wait_until_idle()
        await first.crash()
        slack.rooms[room].members.remove(NELLIE)
        slack.faults.refuse("conversations.info", error="missing_scope", times=10**6)

        second = await start_nellie(slack, introduced=False)
        await slack.until(lambda: slack.called("conversations.info"))
        await second.wait_until_idle()

        assert await noted(second) == []

"""Sockets keep no order: what a message says by now is what its newest edit says."""

from collections.abc import Sequence
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

SECRET = "canary7731"


async def hear(nellie: NellieOnSlack, events: Sequence[dict[str, Any]]) -> list[str]:
    """Nellie is told all this, one after the other; returns what she remembers of it."""
    for event in events:
        nellie.slack.send_event(event)
        await nellie.wait_until_idle()
    return [text for text in await nellie.remembered() if text]


def said_and_edited(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, texts: Sequence[str]
) -> list[dict[str, Any]]:
    """The events of a message and its edits, of which nobody was told."""
    events: list[dict[str, Any]] = []
    slack = nellie.slack
    with monkeypatch.context() as patched:
        patched.setattr(slack, "send_event", events.append)
        ts = slack.say("U2", "C1", texts[0])
        for text in texts[1:]:
            slack.edit("C1", ts, text)
    return events


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ([f"it is {SECRET}", "harmless"], [1, 0]),
        ([f"it is {SECRET}", f"no, {SECRET}!", "harmless"], [2, 1, 0]),
        (["hello", f"it is {SECRET}", "harmless"], [0, 2, 1]),
        ([f"it is {SECRET}", f"no, {SECRET}!", "harmless"], [1, 2, 0]),
        ([f"it is {SECRET}", "hm", "harmless"], [2, 0, 1]),
        (["hello", f"it is {SECRET}", "harmless"], [0, 2, 1, 2]),
    ],
)
async def test_the_newest_edit_counts_in_whatever_order_they_come(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, texts: list[str], order: list[int]
) -> None:
    events = said_and_edited(nellie, monkeypatch, texts)

    assert await hear(nellie, [events[number] for number in order]) == ["harmless"]


async def test_a_message_that_was_edited_and_deleted_before_it_came_stays_away(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, edit = said_and_edited(nellie, monkeypatch, ["hello", f"it is {SECRET}"])
    await hear(nellie, [edit])

    nellie.slack.delete("C1", said["ts"])

    assert await hear(nellie, [said]) == []


async def test_a_mention_that_came_after_its_edit_is_asked_as_it_was_edited(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["@nellie is the pump wet?", "@nellie is the pump dry?"]
    events = said_and_edited(nellie, monkeypatch, texts)

    await hear(nellie, events[::-1])
    await nellie.parts.lanes.idle()

    [prompt] = nellie.model.prompts
    assert "is the pump dry?" in prompt.messages[-1].text
    assert "wet" not in prompt.messages[-1].text


@pytest.mark.parametrize("late", [1, 2])
async def test_an_older_edit_that_another_replica_hears_late_does_not_win(
    start_nellie: StartNellie, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    async with Slack() as slack:
        first = await start_nellie(slack)
        events = said_and_edited(
            first, monkeypatch, ["hello", f"it is {SECRET}", f"no, {SECRET}!", "harmless"]
        )
        await hear(first, [events[0], events[3]])
        await first.crash()
        second = await start_nellie(slack)

        assert await hear(second, [events[late]]) == ["harmless"]

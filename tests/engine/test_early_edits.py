"""Edits that are heard before their message is remembered."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, Start

from bot.core import early_edits
from bot.domain.model import Channel, Message
from bot.testing import BOB, GENERAL, FakePlatform, RunningNellie, new_message


@pytest.mark.parametrize("edits", [["fine"], [f"no, {CANARY}", "fine"], ["a", "b", "c", "fine"]])
async def test_a_message_that_comes_after_its_edits_says_what_the_last_one_does(
    nellie: RunningNellie, edits: list[str]
) -> None:
    for text in edits:
        await nellie.parts.inbox.edited(GENERAL, "m1", text)

    await nellie.say(BOB, f"the code is {CANARY}", id="m1")

    assert await nellie.texts() == ["fine"]
    assert await nellie.find_traces(CANARY) == []


async def test_what_was_read_after_an_edit_stays_as_it_was_read(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.edited(GENERAL, "m1", "an older edit")

    await nellie.say(BOB, "the newest edit", id="m1", edited_at=datetime.now(UTC))

    assert await nellie.texts() == ["the newest edit"]


async def test_an_edit_is_no_other_channels(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.edited(replace(GENERAL, id="C9"), "m1", "fine")

    await nellie.say(BOB, "hello", id="m1")

    assert await nellie.texts() == ["hello"]


async def test_few_edits_are_kept_and_not_for_long(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_edits, "KEPT", 2)
    for number in range(3):
        await nellie.parts.inbox.edited(GENERAL, f"m{number}", "new")
    for number in range(3):
        await nellie.say(BOB, "old", id=f"m{number}")
    assert await nellie.texts() == ["old", "new", "new"]

    monkeypatch.setattr(early_edits, "SECONDS", -1.0)
    await nellie.parts.inbox.edited(GENERAL, "m9", "new")
    await nellie.say(BOB, "older", id="m9")
    assert (await nellie.texts())[-1] == "older"


class EditedWhileRead(FakePlatform):
    """Its members rewrite what Nellie has just read."""

    nellie: RunningNellie

    async def history(self, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
        async for message in super().history(channel, after):
            yield message
            await self.nellie.parts.inbox.edited(channel, message.id, f"{message.id} is fine")


async def test_what_is_edited_while_history_is_read_is_remembered_as_edited(
    start_nellie: Start,
) -> None:
    platform = EditedWhileRead()
    platform.nellie = await start_nellie(platform=platform)
    ago = datetime.now(UTC) - timedelta(days=2)
    platform.messages += [
        new_message(BOB, f"the code is {CANARY}", id=f"h{number}", at=ago) for number in range(3)
    ]

    await platform.nellie.parts.inbox.catch_up(GENERAL)

    assert await platform.nellie.texts() == ["h0 is fine", "h1 is fine", "h2 is fine"]
    assert await platform.nellie.find_traces(CANARY) == []

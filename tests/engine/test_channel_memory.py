"""Nellie in a channel: joining, reading back; channels that are renamed."""

from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import Start

from bot.domain.model import Channel
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    new_message,
)


async def test_a_renamed_channel_keeps_its_memory(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "hello")

    await nellie.parts.inbox.renamed(Channel("fake", "team", "C1", "lounge"))

    state = await nellie.parts.stores.channels.state(await nellie.channel_id())
    assert state.channel.name == "lounge"
    assert await nellie.texts() == ["hello"]


async def test_joining_reads_back_once(start_nellie: Start) -> None:
    nellie = await start_nellie()
    old = datetime.now(UTC) - timedelta(days=2)
    nellie.platform.messages = [
        new_message(ANA, f"once upon a time {n}", at=old, addressed=n == 3) for n in range(700)
    ]
    nellie.platform.messages.insert(5, new_message(ANA, " ", at=old))
    nellie.platform.messages.insert(0, new_message(ANA, "long gone", at=old - timedelta(days=90)))

    first = await nellie.parts.inbox.joined(GENERAL)
    again = await nellie.parts.inbox.joined(GENERAL)

    assert (first, again) == (700, 0)
    assert await nellie.texts() == [f"once upon a time {n}" for n in range(700)]
    assert nellie.model.prompts == []


async def test_joining_reads_back_the_newest_messages_up_to_a_limit(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.core.backfill.READ_BACK", 3)
    nellie.platform.messages = [new_message(ANA, f"m {n}") for n in range(10)]

    await nellie.parts.inbox.joined(GENERAL)

    assert await nellie.texts() == ["m 7", "m 8", "m 9"]


async def test_reading_back_can_be_switched_off(start_nellie: Start) -> None:
    nellie = await start_nellie(backfill_days=0)
    nellie.platform.messages = [new_message(ANA, "once upon a time")]

    await nellie.parts.inbox.joined(GENERAL)

    assert await nellie.texts() == []


async def test_the_channels_of_a_workspace_are_known(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "hello", at=datetime.now(UTC))

    assert await nellie.parts.inbox.known_channels("fake", "team") == [GENERAL]
    assert await nellie.parts.inbox.known_channels("fake", "others") == []

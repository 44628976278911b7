"""What was said while nobody listened: all of it remembered, what was asked lately answered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import Start

from bot.domain.model import NELLIE, Channel, Message
from bot.testing import ANA, BOB, GENERAL, FakePlatform, RunningNellie, new_message


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


async def set_cursor(nellie: RunningNellie, until: datetime) -> None:
    """The channel was read until then."""
    await nellie.parts.stores.channels.set_read_until(await nellie.channel_id(), until)


async def test_a_question_missed_lately_is_answered_an_older_one_remembered(
    nellie: RunningNellie,
) -> None:
    await set_cursor(nellie, ago(hours=2))
    nellie.platform.messages = [
        new_message(ANA, "too old a question?", at=ago(hours=1), addressed=True),
        new_message(BOB, "just talk", at=ago(minutes=30)),
        new_message(ANA, "a fresh question?", at=ago(minutes=5), addressed=True),
        new_message(BOB, "more talk", at=ago(minutes=4)),
    ]

    new = await nellie.parts.inbox.catch_up(GENERAL)
    await nellie.parts.lanes.idle()

    assert new == 4
    assert list(nellie.platform.shown.values()) == ["You said: a fresh question?"]
    texts = await nellie.texts()
    assert texts[:4] == ["too old a question?", "just talk", "a fresh question?", "more talk"]


async def test_what_a_platform_may_still_deliver_again_is_answered_whatever_is_set(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(catchup=0)
    await set_cursor(nellie, ago(hours=2))
    nellie.platform.messages = [
        new_message(ANA, "an old question?", at=ago(minutes=7), addressed=True),
        new_message(ANA, "just asked?", at=ago(minutes=5), addressed=True),
    ]

    await nellie.parts.inbox.catch_up(GENERAL)
    await nellie.parts.lanes.idle()

    assert list(nellie.platform.shown.values()) == ["You said: just asked?"]


async def test_reading_again_changes_nothing(nellie: RunningNellie) -> None:
    await set_cursor(nellie, ago(hours=2))
    nellie.platform.messages = [new_message(ANA, "a question?", at=ago(minutes=5), addressed=True)]

    await nellie.parts.inbox.catch_up(GENERAL)
    new = await nellie.parts.inbox.catch_up(GENERAL)
    await nellie.parts.lanes.idle()

    assert new == 0
    assert len(nellie.platform.started) == 1


async def test_only_what_is_newer_than_the_cursor_is_asked_for(nellie: RunningNellie) -> None:
    await set_cursor(nellie, ago(hours=2))
    nellie.platform.messages = [
        new_message(ANA, "read before", at=ago(hours=3)),
        new_message(ANA, "new", at=ago(hours=1)),
    ]

    await nellie.parts.inbox.catch_up(GENERAL)

    assert await nellie.texts() == ["new"]


async def test_the_first_reading_goes_back_for_days_and_answers_nothing(
    nellie: RunningNellie,
) -> None:
    nellie.platform.messages = [new_message(ANA, "a question?", at=ago(minutes=5), addressed=True)]

    assert await nellie.parts.inbox.catch_up(GENERAL) == 1
    assert await nellie.parts.inbox.catch_up(GENERAL) == 0
    await nellie.parts.lanes.idle()

    assert nellie.platform.started == []


class SlowHistory(FakePlatform):
    """Its history waits before it gives anything."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(messages=messages)
        self.reading, self.go_on = asyncio.Event(), asyncio.Event()

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        self.reading.set()
        await self.go_on.wait()
        async for message in super().history(channel, after):
            yield message


class BreakingHistory(FakePlatform):
    """Its history breaks off before the last message, once."""

    broken = False

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        for message in self.messages:
            if message is self.messages[-1] and not self.broken:
                self.broken = True
                raise ConnectionError("cut")
            if message.at >= after:
                yield message


async def test_a_reading_that_breaks_off_leaves_the_cursor_where_it_was(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=BreakingHistory())
    before = ago(hours=2)
    await set_cursor(nellie, before)
    nellie.platform.messages = [
        new_message(ANA, f"m{n}", at=ago(hours=1, minutes=-n)) for n in range(3)
    ]

    with pytest.raises(ConnectionError):
        await nellie.parts.inbox.catch_up(GENERAL)
    until = await nellie.parts.stores.channels.read_until(await nellie.channel_id())
    await nellie.parts.inbox.catch_up(GENERAL)

    assert until == before
    assert await nellie.texts() == ["m0", "m1", "m2"]


async def test_two_replicas_do_not_read_the_same_channel_at_once(start_nellie: Start) -> None:
    slow = SlowHistory(new_message(ANA, "once"))
    one, two = await start_nellie(platform=slow), await start_nellie()
    reading = asyncio.create_task(one.parts.inbox.catch_up(GENERAL))
    await slow.reading.wait()

    assert await two.parts.inbox.catch_up(GENERAL) == 0
    slow.go_on.set()
    assert await reading == 1


async def test_what_is_not_to_be_remembered_stays_out_of_it(start_nellie: Start) -> None:
    nellie = await start_nellie(listen="mentions")
    await set_cursor(nellie, ago(hours=2))
    nellie.platform.messages = [
        new_message(BOB, "just talk", at=ago(hours=1)),
        new_message(BOB, "fresh talk", at=ago(minutes=1)),
        new_message(BOB, "an old question?", at=ago(hours=1), addressed=True),
        new_message(NELLIE, "an answer", at=ago(hours=1)),
        new_message(BOB, " ", at=ago(minutes=1), addressed=True),
    ]

    await nellie.parts.inbox.catch_up(GENERAL)

    assert await nellie.texts() == ["an old question?", "an answer"]


async def test_what_is_just_asked_during_the_first_reading_is_answered(
    nellie: RunningNellie,
) -> None:
    nellie.platform.messages = [
        new_message(ANA, "an older question?", at=ago(minutes=5), addressed=True),
        new_message(ANA, "asked just now?", at=ago(seconds=5), addressed=True),
    ]

    await nellie.parts.inbox.joined(GENERAL)
    await nellie.parts.lanes.idle()

    introduction, *answers = nellie.platform.shown.values()
    assert introduction.startswith("Hi, I am Nellie.")
    assert answers == ["You said: asked just now?"]


async def test_a_direct_message_that_was_missed_is_answered_at_the_first_reading(
    nellie: RunningNellie,
) -> None:
    friend = Channel("fake", "team", "D1", direct=True)
    nellie.platform.messages = [
        new_message(ANA, "are you there?", at=ago(minutes=5), channel=friend)
    ]

    await nellie.parts.inbox.catch_up(friend)
    await nellie.parts.lanes.idle()

    assert list(nellie.platform.shown.values()) == ["You said: are you there?"]

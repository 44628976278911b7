"""What was said while nobody listened: all of it remembered, what was asked lately answered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from doubles.house import ANA, BOB, GENERAL, House, Open, said
from doubles.platform import Stage

from bot.conversation import NELLIE, Channel, Message


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture
async def away(open_house: Open) -> House:
    """A house whose channel was read two hours ago."""
    house = await open_house()
    await house.engine.channels.have_read(await house.id(), ago(hours=2))
    return house


async def test_a_question_missed_lately_is_answered_an_older_one_remembered(away: House) -> None:
    away.stage.past = [
        said(ANA, "too old a question?", at=ago(hours=1), addressed=True),
        said(BOB, "just talk", at=ago(minutes=30)),
        said(ANA, "a fresh question?", at=ago(minutes=5), addressed=True),
        said(BOB, "more talk", at=ago(minutes=4)),
    ]

    new = await away.engine.catch_up(GENERAL)
    await away.engine.lanes.idle()

    assert new == 4
    assert list(away.stage.shown.values()) == ["You said: a fresh question?"]
    texts = await away.texts()
    assert texts[:4] == ["too old a question?", "just talk", "a fresh question?", "more talk"]


async def test_what_a_platform_may_still_deliver_again_is_answered_whatever_is_set(
    open_house: Open,
) -> None:
    house = await open_house(catchup=0)
    await house.engine.channels.have_read(await house.id(), ago(hours=2))
    house.stage.past = [
        said(ANA, "an old question?", at=ago(minutes=7), addressed=True),
        said(ANA, "just asked?", at=ago(minutes=5), addressed=True),
    ]

    await house.engine.catch_up(GENERAL)
    await house.engine.lanes.idle()

    assert list(house.stage.shown.values()) == ["You said: just asked?"]


async def test_reading_again_changes_nothing(away: House) -> None:
    away.stage.past = [said(ANA, "a question?", at=ago(minutes=5), addressed=True)]

    await away.engine.catch_up(GENERAL)
    new = await away.engine.catch_up(GENERAL)
    await away.engine.lanes.idle()

    assert new == 0
    assert len(away.stage.begun) == 1


async def test_only_what_is_newer_than_the_cursor_is_asked_for(away: House) -> None:
    away.stage.past = [said(ANA, "read before", at=ago(hours=3)), said(ANA, "new", at=ago(hours=1))]

    await away.engine.catch_up(GENERAL)

    assert await away.texts() == ["new"]


async def test_the_first_reading_goes_back_for_days_and_answers_nothing(house: House) -> None:
    house.stage.past = [said(ANA, "a question?", at=ago(minutes=5), addressed=True)]

    assert await house.engine.catch_up(GENERAL) == 1
    assert await house.engine.catch_up(GENERAL) == 0
    await house.engine.lanes.idle()

    assert house.stage.begun == []


class Breaking(Stage):
    """Its history breaks off before the last message, once."""

    broken = False

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        for message in self.past:
            if message is self.past[-1] and not self.broken:
                self.broken = True
                raise ConnectionError("cut")
            if message.at >= after:
                yield message


async def test_a_reading_that_breaks_off_leaves_the_cursor_where_it_was(open_house: Open) -> None:
    house = await open_house(stage=Breaking())
    before = ago(hours=2)
    await house.engine.channels.have_read(await house.id(), before)
    house.stage.past = [said(ANA, f"m{n}", at=ago(hours=1, minutes=-n)) for n in range(3)]

    with pytest.raises(ConnectionError):
        await house.engine.catch_up(GENERAL)
    until = await house.engine.channels.read_until(await house.id())
    await house.engine.catch_up(GENERAL)

    assert until == before
    assert await house.texts() == ["m0", "m1", "m2"]


async def test_two_replicas_do_not_read_the_same_channel_at_once(open_house: Open) -> None:
    one, two = await open_house(), await open_house()
    gate = asyncio.Event()

    class Slow(Stage):
        async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
            gate.set()
            await release.wait()
            yield said(ANA, "once")

    release = asyncio.Event()
    one.engine.adapters["stage"] = Slow()
    reading = asyncio.create_task(one.engine.catch_up(GENERAL))
    await gate.wait()

    assert await two.engine.catch_up(GENERAL) == 0
    release.set()
    assert await reading == 1


async def test_what_is_not_to_be_remembered_stays_out_of_it(open_house: Open) -> None:
    house = await open_house(listen="mentions")
    await house.engine.channels.have_read(await house.id(), ago(hours=2))
    house.stage.past = [
        said(BOB, "just talk", at=ago(hours=1)),
        said(BOB, "fresh talk", at=ago(minutes=1)),
        said(BOB, "an old question?", at=ago(hours=1), addressed=True),
        said(NELLIE, "her own answer", at=ago(hours=1)),
        said(BOB, " ", at=ago(minutes=1), addressed=True),
    ]

    await house.engine.catch_up(GENERAL)

    assert await house.texts() == ["an old question?", "her own answer"]


async def test_what_is_just_asked_while_she_reads_back_is_answered(house: House) -> None:
    house.stage.past = [
        said(ANA, "an older question?", at=ago(minutes=5), addressed=True),
        said(ANA, "asked just now?", at=ago(seconds=5), addressed=True),
    ]

    await house.engine.joined(GENERAL)
    await house.engine.lanes.idle()

    assert list(house.stage.shown.values()) == ["You said: asked just now?"]


async def test_a_direct_message_that_was_missed_is_answered_at_the_first_reading(
    house: House,
) -> None:
    friend = Channel("stage", "team", "D1", direct=True)
    house.stage.past = [said(ANA, "are you there?", at=ago(minutes=5), channel=friend)]

    await house.engine.catch_up(friend)
    await house.engine.lanes.idle()

    assert list(house.stage.shown.values()) == ["You said: are you there?"]

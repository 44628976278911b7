"""The introduction: before anything is read back, once in a channel, and again until it stands."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from doubles.start_nellie import Start

from bot.config.settings import load
from bot.core.introducer import introduction_text
from bot.domain.errors import NotIntroduced
from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import DeliveryLog
from bot.store.message_inserts import NewMessage
from bot.testing import ANA, GENERAL, FakePlatform, RunningNellie, new_message

RANDOM = Channel("fake", "team", "C2", "random")


def introductions(*platforms: FakePlatform) -> list[str]:
    """What stands there of introductions, on these views of one platform."""
    shown = [text for platform in platforms for text in platform.shown.values()]
    return [text for text in shown if text.startswith("Hi, I am Nellie.")]


class Watched(FakePlatform):
    """It keeps what stood there whenever its history was read."""

    def __init__(self, *messages: Message, failures: int = 0) -> None:
        super().__init__(messages=messages, failures=failures)
        self.stood_when_read: list[list[str]] = []

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        self.stood_when_read.append(introductions(self))
        async for message in super().history(channel, after):
            yield message


class Mute(FakePlatform):
    """It takes posts without a word and shows none of them, as a channel that forbids them."""

    muted = True

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        if not self.muted:
            await super().deliver(turn, text, delivery_log)


async def test_it_stands_before_anything_is_read_back(start_nellie: Start) -> None:
    platform = Watched(new_message(ANA, "said before"))
    nellie = await start_nellie(platform=platform)

    assert await nellie.parts.inbox.joined(GENERAL) == 1

    [stood] = platform.stood_when_read
    assert len(stood) == 1
    assert await nellie.texts() == ["said before"]


async def test_it_is_posted_once_in_each_channel_however_often_she_joins(
    nellie: RunningNellie,
) -> None:
    for channel in (GENERAL, RANDOM, GENERAL, RANDOM, GENERAL):
        await nellie.parts.inbox.joined(channel)

    assert len(introductions(nellie.platform)) == 2
    assert len(nellie.platform.started) == 2


async def test_of_several_replicas_one_introduces_her(start_nellie: Start) -> None:
    replicas = [await start_nellie(platform=FakePlatform()) for _ in range(3)]

    await asyncio.gather(*(one.parts.inbox.joined(GENERAL) for one in replicas for _ in range(3)))

    assert len(introductions(*(one.platform for one in replicas))) == 1


async def test_a_channel_that_is_known_already_is_introduced_too(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "hello")
    await nellie.run_command("help")
    await nellie.parts.inbox.catch_up(GENERAL)

    await nellie.parts.inbox.joined(GENERAL)

    assert len(introductions(nellie.platform)) == 1


async def test_a_post_that_breaks_is_made_good_in_its_place(start_nellie: Start) -> None:
    platform = Watched(new_message(ANA, "said before"), failures=2)
    nellie = await start_nellie(platform=platform)

    await nellie.parts.inbox.joined(GENERAL)

    assert len(introductions(platform)) == 1
    assert len(platform.started) == 3


async def test_nothing_is_read_as_long_as_it_cannot_be_posted(start_nellie: Start) -> None:
    platform = Mute(messages=[new_message(ANA, "said before")])
    nellie = await start_nellie(platform=platform)

    for _ in range(2):
        with pytest.raises(NotIntroduced):
            await nellie.parts.inbox.joined(GENERAL)
        assert await nellie.texts() == []
    platform.muted = False
    await nellie.parts.inbox.joined(GENERAL)

    assert len(introductions(platform)) == 1
    assert await nellie.texts() == ["said before"]


async def test_a_platform_that_fails_again_and_again_is_no_reason_to_apologise(
    start_nellie: Start,
) -> None:
    platform = FakePlatform(failures=3)
    nellie = await start_nellie(platform=platform)

    await nellie.parts.inbox.joined(GENERAL)  # each attempt has posted a piece: that is all of it

    assert [*platform.shown.values()] == introductions(platform)


async def test_one_that_was_killed_after_posting_is_not_posted_again(start_nellie: Start) -> None:
    posted = asyncio.Event()

    class Dying(FakePlatform):
        async def deliver(
            self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
        ) -> None:
            self.shown[turn.id] = "".join([piece async for piece in text])
            posted.set()
            await asyncio.Event().wait()  # its id is never stored

    dying = Dying()
    first = await start_nellie(platform=dying)
    joining = asyncio.create_task(first.parts.inbox.joined(GENERAL))
    await posted.wait()
    [turn] = dying.shown
    second = await start_nellie(platform=FakePlatform())
    second.platform.found_posts[turn] = ("post",)
    joining.cancel()
    await first.crash()
    await asyncio.gather(joining, return_exceptions=True)

    await second.parts.inbox.joined(GENERAL)

    delivered = second.platform.turns[turn]  # the platform replaces what stands there
    assert delivered.posted == ("post",)
    assert len(second.platform.started) == 1


async def test_it_takes_no_model_and_is_not_remembered(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.joined(GENERAL)

    assert nellie.model.prompts == []
    assert await nellie.texts() == []
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "what is said here from now on, and what was said in the last 30 days,"),
        ({"backfill_days": 1}, "and what was said in the last 1 day,"),
        ({"backfill_days": 0}, "what is said here from now on, for this channel alone"),
        ({"listen": "mentions"}, "what is said to me here from now on"),
    ],
)
def test_it_says_what_is_so(settings: dict[str, object], words: str) -> None:
    text = introduction_text(load(**settings))

    assert words in text
    assert all(command in text for command in ("/memory show", "forget me", "optout"))


@pytest.mark.parametrize("said", ["introduction", "", "Hi, I am Nellie."])
async def test_a_channel_in_which_an_import_took_its_place_is_introduced_all_the_same(
    start_nellie: Start, said: str
) -> None:
    platform = Watched(new_message(ANA, "said before"))
    nellie = await start_nellie(platform=platform)
    channel_id = await nellie.parts.stores.channels.id(GENERAL)
    imported = NewMessage(new_message(ANA, said, id="introduction"))
    await nellie.parts.stores.messages.add(channel_id, [imported])

    await nellie.parts.inbox.joined(GENERAL)
    await nellie.parts.inbox.joined(GENERAL)

    assert len(introductions(platform)) == 1
    assert sorted(filter(None, await nellie.texts())) == sorted(filter(None, [said, "said before"]))

"""What every adapter keeps to, as checks that an author runs on an own one.

@pytest.mark.parametrize("check", ADAPTER_CONTRACT)
async def test_keeps_the_contract(check: AdapterCheck) -> None:
    async with Zoo() as zoo:  # a PlatformUnderTest: a Parrot, and a stand-in for its platform
        await check(zoo)
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.domain.errors import Fenced
from bot.domain.model import Message, Turn
from bot.domain.ports import Adapter
from bot.domain.standing import Place
from bot.testing.fake_ports import FakeCommands, FakeDeliveryLog, FakeInbox, FakeTurnControl

PATIENCE = 20.0  # seconds that anything may take
LOOK = 0.01  # seconds between looks at a platform
GRACE = 0.2  # seconds after which something that must not happen would have happened


class PlatformUnderTest(Protocol):
    """An adapter, with a stand-in for its platform on which people speak."""

    @property
    def adapter(self) -> Adapter:
        """The adapter, which speaks to the stand-in."""
        ...

    @property
    def acknowledges(self) -> bool:
        """Whether the platform is told that a message was taken in, and repeats it if not."""
        ...

    async def say(self, text: str) -> str:
        """A person says this to Nellie; returns the platform's id of the message."""
        ...

    def acknowledged(self, message_id: str) -> bool:
        """Whether the adapter has acknowledged this message."""
        ...

    def posts(self) -> Mapping[str, str]:
        """By the platform's id, the text of every message of Nellie's that stands there now."""
        ...


AdapterCheck = Callable[[PlatformUnderTest], Awaitable[None]]
"""Raises AssertionError, which says what an adapter does not keep to."""


async def gives_each_message_the_platforms_id(platform: PlatformUnderTest) -> None:
    """Messages bear the ids that the platform knows them by, so that none is taken in twice."""
    async with _running(platform) as running:
        ids = [await platform.say("one"), await platform.say("two")]
        messages = [await running.received(id_) for id_ in ids]

    assert len({message.id for message in messages}) == len(ids), "two messages, one id"
    for message in messages:
        assert message.channel.platform == platform.adapter.name, (
            f"`channel.platform` is {message.channel.platform!r}, not {platform.adapter.name!r}"
        )


async def acknowledges_only_what_was_received(platform: PlatformUnderTest) -> None:
    """The platform is told after `receive` has returned, for only then is a message safe."""
    async with _running(platform) as running:
        running.inbox.open.clear()
        id_ = await platform.say("is this safe?")
        await _until(lambda: running.offered(id_), f"message {id_} never reached the inbox")
        await asyncio.sleep(GRACE)
        early = platform.acknowledges and platform.acknowledged(id_)
        running.inbox.open.set()

        assert not early, "it was acknowledged before `receive` had returned"
        if platform.acknowledges:
            await _until(lambda: platform.acknowledged(id_), "it was never acknowledged")


async def acknowledges_nothing_that_was_not_stored(platform: PlatformUnderTest) -> None:
    """After DatabaseUnavailable nothing is acknowledged, so that the platform delivers again."""
    async with _running(platform) as running:
        running.inbox.unavailable = True
        id_ = await platform.say("is anybody there?")
        await _until(lambda: running.offered(id_), f"message {id_} never reached the inbox")
        await asyncio.sleep(GRACE)

        assert not (platform.acknowledges and platform.acknowledged(id_)), (
            "it was acknowledged though `receive` raised DatabaseUnavailable"
        )


async def posts_nothing_without_the_lease(platform: PlatformUnderTest) -> None:
    """Where `require_lease` raises Fenced, nothing is posted, and Fenced is what comes out."""
    async with _running(platform) as running:
        turn = await running.turn()
        log = FakeDeliveryLog(fenced=True)

        assert await _fenced(platform.adapter, turn, _text("hello"), log), (
            "`deliver` does not raise the Fenced of `require_lease`"
        )
        assert not platform.posts(), f"it posted without a lease: {dict(platform.posts())}"


async def posts_nothing_more_once_the_lease_is_lost(platform: PlatformUnderTest) -> None:
    """The lease is asked for before every request, not only before the first."""
    async with _running(platform) as running:
        turn = await running.turn()
        log = FakeDeliveryLog()

        async def text() -> AsyncIterator[str]:
            yield "This much was said in time. "
            await asyncio.sleep(GRACE)
            log.fenced = True
            yield "This came too late."

        assert await _fenced(platform.adapter, turn, text(), log), (
            "`deliver` does not raise the Fenced of `require_lease`"
        )
        assert "too late" not in _standing(platform), "it posted after its lease was lost"


async def records_what_it_posts(platform: PlatformUnderTest) -> None:
    """Each post's id is told to the delivery log, and at the end the whole answer stands there."""
    async with _running(platform) as running:
        turn = await running.turn()
        log = FakeDeliveryLog()
        await platform.adapter.deliver(turn, _text("All of ", "the answer."), log)

        posts = platform.posts()
        assert "All of the answer." in _standing(platform), f"what stands there is {dict(posts)}"
        assert log.posted, "`delivery_log.add` was told of no post"
        assert set(log.posted) == set(posts), (
            f"`delivery_log.add` was told of {log.posted}, and {tuple(posts)} stand there"
        )


async def replaces_its_posts_in_place(platform: PlatformUnderTest) -> None:
    """A second delivery replaces what the first one posted, which is found where that is said."""
    async with _running(platform) as running:
        turn = await running.turn()
        first, second = FakeDeliveryLog(), FakeDeliveryLog()
        await platform.adapter.deliver(turn, _text("An answer that was cut"), first)
        again, known = replace(turn, attempts=2), first.posted
        if platform.adapter.finds_posts:
            known = await platform.adapter.posted(again)
        await platform.adapter.deliver(replace(again, posted=known), _text("All of it."), second)

        posts = platform.posts()
        assert set(posts) == set(first.posted), f"{first.posted} were to be replaced: {[*posts]}"
        assert "All of it." in _standing(platform), f"what stands there is {dict(posts)}"
        assert "that was cut" not in _standing(platform), f"what stands there is {dict(posts)}"


async def tells_what_stands(platform: PlatformUnderTest) -> None:
    """`standing` has the id of each message that stands, and a part of its link as `address`."""
    async with _running(platform) as running:
        said = await running.received(await platform.say("does this stand?"))
        place = Place("" if said.thread == said.id else said.thread, said.at, said.at)
        async for standing in platform.adapter.standing(said.channel, place, said.at):
            assert said.id in standing.ids, f"{said.id} stands there, and `ids` lacks it"
            assert standing.address in said.link, f"{standing.address} is not in {said.link}"


ADAPTER_CONTRACT: tuple[AdapterCheck, ...] = (
    gives_each_message_the_platforms_id,
    acknowledges_only_what_was_received,
    acknowledges_nothing_that_was_not_stored,
    posts_nothing_without_the_lease,
    posts_nothing_more_once_the_lease_is_lost,
    records_what_it_posts,
    replaces_its_posts_in_place,
    tells_what_stands,
)


@dataclass(frozen=True, slots=True)
class _RunningAdapter:
    """An adapter that reports to a fake inbox."""

    platform: PlatformUnderTest
    inbox: FakeInbox = field(default_factory=FakeInbox)

    def offered(self, id_: str) -> bool:
        return any(message.id == id_ for message in self.inbox.offered)

    async def received(self, id_: str) -> Message:
        """The message with this id, once the inbox has it."""
        found: list[Message] = []

        def look() -> bool:
            found[:] = [message for message in self.inbox.messages if message.id == id_]
            return bool(found)

        await _until(look, f"no message with the platform's id {id_} reached the inbox")
        return found[0]

    async def turn(self) -> Turn:
        """A turn that a person's question opened."""
        question = await self.received(await self.platform.say("where is the key?"))
        return Turn(1, question.channel, question.lane, question)


@asynccontextmanager
async def _running(platform: PlatformUnderTest) -> AsyncIterator[_RunningAdapter]:
    """The adapter at work and connected, for as long as the block lasts."""
    running = _RunningAdapter(platform)
    run = platform.adapter.run(running.inbox, FakeTurnControl(), FakeCommands())
    task = asyncio.ensure_future(run)
    try:
        await _until(lambda: task.done() or platform.adapter.connected(), "it does not connect")
        if task.done():
            await task
        yield running
    finally:
        running.inbox.open.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _fenced(
    adapter: Adapter, turn: Turn, text: AsyncIterator[str], log: FakeDeliveryLog
) -> bool:
    try:
        await adapter.deliver(turn, text, log)
    except Fenced:
        return True
    return False


async def _text(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


def _standing(platform: PlatformUnderTest) -> str:
    return "\n".join(platform.posts().values())


async def _until(true: Callable[[], object], otherwise: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110  # it happens on a platform
                await asyncio.sleep(LOOK)
    except TimeoutError:
        raise AssertionError(otherwise) from None

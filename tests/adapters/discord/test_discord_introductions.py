"""Nellie introduces herself on Discord: in every channel that she reads, once, before she reads."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Channel, Discord, Fault
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.nellie_process import NellieProcess

from adapters.kit import backfill_loop

Open = Callable[..., Awaitable[NellieOnDiscord]]
Start = Callable[..., Awaitable[NellieProcess]]
OLD = "said before she came"


def introductions(discord: Discord, channel: Channel) -> list[str]:
    return [text for text in discord.visible(channel) if text.startswith("Hi, I am Nellie.")]


async def until_remembered(nellie: NellieOnDiscord, text: str = OLD) -> None:
    async with asyncio.timeout(60):
        while text not in await nellie.texts():  # noqa: ASYNC110  # a database has no event
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_loop, "AGAIN", 0.2)


async def test_it_stands_in_every_channel_that_she_reads(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    new = discord.open("new")
    secret = discord.private_thread(discord.ana, discord.general)
    for channel in (discord.general, discord.random, new, secret):
        await discord.until(lambda channel=channel: introductions(discord, channel))
    discord.dm(discord.ana, "hello")
    await discord.until(lambda: discord.visible(discord.world.direct(discord.ana)))

    everywhere = (discord.general, discord.random, new, secret)
    assert [len(introductions(discord, channel)) for channel in everywhere] == [1, 1, 1, 1]
    assert introductions(discord, discord.world.direct(discord.ana)) == []
    assert all(not post.components for post in discord.of_bot(new))


async def test_it_is_posted_before_history_is_asked_for(
    open_nellie: Open, discord: Discord
) -> None:
    discord.say(discord.ana, discord.general, OLD)

    nellie = await open_nellie(discord)
    await until_remembered(nellie)

    [posting] = discord.find(f"POST /channels/{discord.general.id}/messages")
    reading = discord.find(f"GET /channels/{discord.general.id}/messages")[0]
    assert discord.rest.requests.index(posting) < discord.rest.requests.index(reading)


@pytest.mark.parametrize("kind", ["503", "cut", "lost", "403", "429"])
async def test_it_stands_once_whatever_happens_to_its_post(
    open_nellie: Open, discord: Discord, kind: str
) -> None:
    discord.say(discord.ana, discord.general, OLD)
    pattern = f"POST /channels/{discord.general.id}/messages"
    discord.fail(Fault(kind, pattern, times=3, seconds=0.1, code=50013))  # type: ignore[arg-type]

    nellie = await open_nellie(discord)
    nellie.connection.backfill.request()  # and other replicas ask as well
    nellie.connection.delivery.permissions_changed()
    await until_remembered(nellie)

    assert len(introductions(discord, discord.general)) == 1


async def test_where_she_may_not_write_she_reads_nothing_until_she_may(
    open_nellie: Open, discord: Discord
) -> None:
    discord.say(discord.ana, discord.general, OLD)
    discord.forbid(discord.general)

    nellie = await open_nellie(discord)
    assert OLD not in await nellie.texts()
    assert not discord.find(f"POST /channels/{discord.general.id}/messages")
    discord.permit(discord.general)
    await until_remembered(nellie)

    assert len(introductions(discord, discord.general)) == 1


async def test_after_a_restart_nothing_is_said_again(open_nellie: Open, discord: Discord) -> None:
    for _ in range(3):
        nellie = await open_nellie(discord)
        await nellie.stop_adapter()

    assert len(introductions(discord, discord.general)) == 1
    assert len(introductions(discord, discord.random)) == 1


async def test_a_process_that_is_killed_while_it_posts_leaves_one_introduction(
    start: Start, discord: Discord
) -> None:
    discord.fail(Fault("slow", r"POST /channels/\d+/messages", times=9, seconds=3))
    first = await start()
    await discord.until(lambda: discord.find("POST /channels"))

    await first.kill()
    discord.faults.waiting.clear()
    await start()
    both = (discord.general, discord.random)
    await discord.until(lambda: all(introductions(discord, channel) for channel in both))
    await asyncio.sleep(3)

    assert [len(introductions(discord, channel)) for channel in both] == [1, 1]

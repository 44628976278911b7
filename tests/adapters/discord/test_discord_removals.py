"""Discord shows Nellie out, or a channel or thread is deleted: heard of or not, it is noted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from doubles.discord_listener import to_channel
from doubles.discord_server import Channel, Discord, Fault
from doubles.discord_server.guild import FORUM, READ
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.sample_messages import rows

Open = Callable[..., Awaitable[NellieOnDiscord]]
NOTED = """
    SELECT CASE WHEN thread = '' THEN external_id ELSE thread END
    FROM removal JOIN channel ON id = channel_id
"""


async def noted(nellie: NellieOnDiscord) -> set[str]:
    return set(await rows(nellie.database, NOTED))


async def until_noted(nellie: NellieOnDiscord, *channels: Channel) -> None:
    wanted = {channel.id for channel in channels}
    async with asyncio.timeout(60):
        while await noted(nellie) != wanted:  # noqa: ASYNC110  # a database has no event
            await asyncio.sleep(0.05)


async def until_remembered(nellie: NellieOnDiscord, *texts: str) -> None:
    async with asyncio.timeout(60):
        while not set(texts) <= set(await nellie.texts()):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.05)


async def forget_after(nellie: NellieOnDiscord, days: int) -> None:
    sql = "UPDATE removal SET at = at - make_interval(days => :days) RETURNING 1"
    await rows(nellie.database, sql, days=days)
    await nellie.parts.jobs.expire()


def talk(discord: Discord, *channels: Channel) -> list[str]:
    """Somebody says something in each."""
    said = [f"the code is {channel.id}" for channel in channels]
    for channel, text in zip(channels, said, strict=True):
        discord.say(discord.ana, channel, text)
    return said


def count_asked(discord: Discord, channel: Channel) -> int:
    """How often Discord was asked whether there is such a channel."""
    path = f"/channels/{channel.id}"
    return len([one for one in discord.find(f"GET {path}") if one.path == path])


async def test_a_deleted_channel_and_its_threads_are_forgotten_and_no_other(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, forget_removed_days=7)
    new = discord.open("new")
    private = discord.private_thread(discord.ana, new)
    public = discord.thread(discord.ana, new)
    said = talk(discord, new, private, public, discord.general)
    await until_remembered(nellie, *said)

    discord.remove(new)
    await until_noted(nellie, new, private, public)
    await forget_after(nellie, 8)

    assert set(said) & set(await nellie.texts()) == {said[-1]}


async def test_of_a_deleted_thread_the_channel_stays(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord, forget_removed_days=7)
    public, other = (discord.thread(discord.ana, discord.general, name) for name in "ab")
    private = discord.private_thread(discord.ana, discord.general)
    said = talk(discord, public, private, other, discord.general)
    await until_remembered(nellie, *said)

    discord.remove(public)
    discord.remove(private)
    await until_noted(nellie, public, private)
    await forget_after(nellie, 8)

    assert set(said) & set(await nellie.texts()) == set(said[2:])


async def test_a_server_that_shows_her_out_is_noted_whole_until_she_is_back(
    nellie: NellieOnDiscord, discord: Discord
) -> None:
    secret = discord.private_thread(discord.ana, discord.general)
    said = talk(discord, discord.general, discord.random, secret)
    discord.dm(discord.ana, "psst")
    await until_remembered(nellie, *said, "psst")

    discord.show_out()
    await until_noted(nellie, discord.general, discord.random, secret)
    discord.invite()
    await until_noted(nellie)

    for channel in (discord.general, discord.random):
        shown = discord.visible(channel)
        assert len([text for text in shown if text.startswith("Hi, I am Nellie.")]) == 1


async def test_an_outage_hiding_and_archiving_are_no_removal(
    nellie: NellieOnDiscord, discord: Discord
) -> None:
    secret = discord.private_thread(discord.ana, discord.general)
    said = talk(discord, discord.general, discord.random, secret)
    await until_remembered(nellie, *said)

    discord.random.hidden = True
    discord._updated(discord.random)
    secret.archived = True
    discord._updated(secret)
    discord.deny(discord.bob, discord.general, READ)
    await nellie.connection.history_reader.removals.look_for()
    assert await noted(nellie) == set()
    discord.break_down()
    await asyncio.sleep(0.2)
    await nellie.connection.history_reader.removals.look_for()

    assert await noted(nellie) == set()


async def test_what_was_deleted_while_she_was_down_is_found_at_the_next_start(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    new = discord.open("new")
    archived, deleted = (discord.private_thread(discord.ana, discord.general, n) for n in "ab")
    said = talk(discord, new, archived, deleted, discord.general)
    await until_remembered(first, *said)
    await first.stop_adapter()
    new.removed = deleted.removed = archived.archived = True

    second = await open_nellie(discord)
    await until_noted(second, new, deleted)
    await second.connection.history_reader.removals.look_for()

    for channel in (new, deleted, archived):  # asked for once
        assert count_asked(discord, channel) == 1


async def test_a_server_that_showed_her_out_while_she_was_down_is_found_at_the_next_start(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    said = talk(discord, discord.general, discord.random)
    await until_remembered(first, *said)
    await first.stop_adapter()
    discord.world.invited = False

    second = await open_nellie(discord)
    await until_noted(second, discord.general, discord.random)


async def test_of_a_channel_that_discord_says_nothing_about_nothing_is_concluded(
    open_nellie: Open, discord: Discord, monkeypatch: Any
) -> None:
    monkeypatch.setattr("adapters.discord.retries.WAITS", (0.01,))
    first = await open_nellie(discord)
    new = discord.open("new")
    await until_remembered(first, *talk(discord, new))
    await first.stop_adapter()
    new.removed = True
    discord.fail(Fault("403", f"GET /channels/{new.id}", times=1, code=50001))

    second = await open_nellie(discord)
    await discord.until(lambda: count_asked(discord, new))
    await second.connection.history_reader.removals.look_for()

    assert await noted(second) == set()


@pytest.mark.parametrize("lost", ["message_count", "thread_metadata", "type"])
async def test_of_a_channel_that_discord_garbles_nothing_is_concluded(
    open_nellie: Open, discord: Discord, lost: str
) -> None:
    first = await open_nellie(discord)
    secret = discord.private_thread(discord.ana, discord.general)
    await until_remembered(first, *talk(discord, secret))
    await first.stop_adapter()
    secret.archived = True
    discord.faults.spoil[f"GET /channels/{secret.id}"] = lambda answer: {
        name: value for name, value in answer.items() if name != lost
    }

    second = await open_nellie(discord)
    await second.connection.history_reader.removals.look_for()

    assert await noted(second) == set()


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_thread_that_was_deleted_while_she_was_down_is_found_when_it_is_reviewed(
    open_nellie: Open, discord: Discord, which: int
) -> None:
    nellie = await open_nellie(discord, forget_removed_days=7)
    threads = [discord.thread(discord.ana, discord.general, name) for name in "abc"]
    said = talk(discord, *threads, discord.general)
    await until_remembered(nellie, *said)
    gateway = discord.world.gateway
    sessions, gateway.sessions = gateway.sessions, []
    discord.remove(threads[which])
    gateway.sessions = sessions

    for _ in range(2):
        await nellie.parts.inbox.review(to_channel(discord.general))

    await until_noted(nellie, threads[which])
    await forget_after(nellie, 8)
    assert set(said) & set(await nellie.texts()) == {*said} - {said[which]}


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_thread_long_quiet_that_was_deleted_while_she_was_down_is_found_at_the_next_start(
    open_nellie: Open, discord: Discord, which: int
) -> None:
    first = await open_nellie(discord)
    forum = discord.open("ideas", FORUM)
    post = discord.publish(discord.ana, forum, "an idea").channel
    threads = [discord.thread(discord.ana, discord.general, name) for name in "ab"]
    said = talk(discord, *threads, discord.general)
    await until_remembered(first, *said, "an idea")
    sql = "UPDATE message SET said_at = said_at - interval '60 days' RETURNING 1"
    await rows(first.database, sql)
    await first.stop_adapter()
    public = [*threads, post]
    public.pop(which).removed = True
    public[0].archived = True

    second = await open_nellie(discord, forget_removed_days=7)
    await until_noted(second, [*threads, post][which])
    await forget_after(second, 8)

    gone = [*said[:2], "an idea"][which]
    assert {*said, "an idea"} & set(await second.texts()) == {*said, "an idea"} - {gone}


async def test_an_imported_thread_of_another_server_is_not_looked_for(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    thread = discord.thread(discord.ana, discord.general)
    await until_remembered(first, *talk(discord, thread))
    await first.stop_adapter()
    sql = """
        UPDATE message SET link = 'https://discord.com/channels/1/2/3',
            said_at = said_at - interval '60 days'
        RETURNING 1
    """
    await rows(first.database, sql)
    thread.removed = True

    second = await open_nellie(discord)
    await second.connection.history_reader.removals.look_for_threads(to_channel(discord.general))

    assert await noted(second) == set()

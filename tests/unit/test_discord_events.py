"""What Discord's gateway reports of edits, deletions and names, in order, and garbled events."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.discord_listener import Listener, to_channel
from doubles.discord_server import Discord


@pytest.fixture
async def discord() -> Discord:
    return Discord()


@pytest.fixture
async def listener(discord: Discord) -> AsyncIterator[Listener]:
    listening = Listener(discord)
    yield listening
    await listening.connection.close()


async def test_an_edit_of_the_text_is_reported_and_a_link_preview_is_not(
    discord: Discord, listener: Listener
) -> None:
    post = discord.say(discord.ana, discord.general, "on monday")
    discord.unfurl(post)
    assert (await listener.settled()).edits == []

    discord.edit(post, "on friday")

    assert (await listener.settled()).edits == [(to_channel(discord.general), post.id, "on friday")]


async def test_an_edit_that_adds_a_mention_asks_once(discord: Discord, listener: Listener) -> None:
    post = discord.say(discord.ana, discord.general, "where is the rope")
    for text in ("where is the rope?", "where is the long rope?"):
        post.mentioned = [discord.bot]
        discord.edit(post, f"{discord.bot.mention} {text}")

    inbox = await listener.settled()

    assert [text for _, _, text in inbox.edits] == ["where is the rope?", "where is the long rope?"]
    said, asked = inbox.received
    assert (said.addressed, said.edited_at) == (False, None)
    assert (asked.id, asked.addressed) == (post.id, True)
    assert asked.edited_at is not None


async def test_an_edit_of_a_question_asks_nothing(discord: Discord, listener: Listener) -> None:
    post = discord.say(discord.ana, discord.general, f"{discord.bot.mention} where is the rope")
    discord.edit(post, f"{discord.bot.mention} where is the rope?")
    direct = discord.dm(discord.ana, "hello")
    discord.edit(direct, "hello!")

    inbox = await listener.settled()

    assert len(inbox.received) == len(inbox.edits) == 2


async def test_what_a_bot_was_thinking_of_is_heard_once_it_is_there(discord: Discord) -> None:
    robot = discord.person("robot", bot=True)
    listener = Listener(discord, int(robot.id))
    post = discord.say(robot, discord.general, "", kind=20, flags=128)
    assert (await listener.settled()).received == []

    post.text = "the tide is low"
    discord.unfurl(post)

    assert (await listener.heard()).text.startswith("the tide is low")
    await listener.connection.close()


async def test_deletions_of_one_or_many_are_reported_in_threads_too(
    discord: Discord, listener: Listener
) -> None:
    thread = discord.thread(discord.ana, discord.general)
    posts = [discord.say(discord.ana, where, "x") for where in (discord.general, thread, thread)]

    discord.delete(posts[0])
    discord.delete(*posts[1:])

    home = to_channel(discord.general)
    assert (await listener.settled()).deletions == [(home, post.id) for post in posts]


async def test_a_new_channel_name_is_reported(discord: Discord, listener: Listener) -> None:
    discord.rename(discord.general, "lobby")

    assert (await listener.settled()).names == ["lobby"]


async def test_what_happens_in_a_channel_is_reported_in_its_order(
    discord: Discord, listener: Listener
) -> None:
    posts = [discord.say(discord.ana, discord.general, f"number {n}") for n in range(50)]
    discord.edit(posts[3], "changed")

    inbox = await listener.settled()

    assert [message.id for message in inbox.received] == [post.id for post in posts]
    assert len(inbox.edits) == 1


async def test_garbled_events_are_left_out_and_the_next_one_is_heard(
    discord: Discord, listener: Listener
) -> None:
    chance = random.Random(7)
    events: list[tuple[str, Any]] = []
    discord.world.gateway.emit = lambda name, data, **_: events.append((name, data))  # type: ignore[method-assign,assignment]
    thread = discord.thread(discord.ana, discord.general)
    first = discord.say(discord.ana, thread, f"{discord.bot.mention} <@1> <#2>")
    reply = discord.say(discord.bob, discord.general, "yes", to=first)
    discord.edit(reply, "no")
    discord.delete(reply)
    discord.delete(first, reply)

    for _ in range(150):  # thousands: tests/adapters/discord
        name, data = chance.choice(events)
        listener.hear(name, garbled(data, chance))
    await listener.settled()
    listener.inbox.received.clear()

    discord.say(discord.ana, discord.general, "still there?")
    listener.hear(*events[-1])
    assert (await listener.heard()).text == "still there?"


def garbled(data: Any, chance: random.Random) -> Any:
    """The same with one thing dropped, of another type, or out of bounds, somewhere in it."""
    if isinstance(data, dict) and data and chance.random() < 0.9:
        key = chance.choice(list(data))
        if chance.random() < 0.3:
            return {name: value for name, value in data.items() if name != key}
        return data | {key: garbled(data[key], chance)}
    if isinstance(data, list) and data and chance.random() < 0.7:
        return [*data, garbled(data[0], chance)]
    wrong = [None, True, -1, 10**30, 1.5, "", "x" * 5_000, "\0\ud800", [], {}, [[]], {"id": []}]
    return chance.choice(wrong)

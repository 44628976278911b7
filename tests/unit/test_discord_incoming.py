"""What Discord reports becomes messages: by discord.py's own reading of Discord's own events."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.discord import Discord
from doubles.discord.guild import NEWS_THREAD, Place, User

from adapters.discord.client import Client
from adapters.discord.incoming import readable
from adapters.discord.settings import Settings
from bot.conversation import Channel, Message

WEBHOOK, PINNED = "77", 6
EVENTS = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"}


class Notes:
    """A door that writes down what comes in."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.edited_to: list[tuple[Channel, str, str]] = []
        self.forgotten: list[tuple[Channel, str]] = []
        self.names: list[str] = []

    async def receive(self, message: Message) -> None:
        self.received.append(message)

    async def edited(self, channel: Channel, message_id: str, text: str) -> None:
        self.edited_to.append((channel, message_id, text))

    async def deleted(self, channel: Channel, message_id: str) -> None:
        self.forgotten.append((channel, message_id))

    async def renamed(self, channel: Channel) -> None:
        self.names.append(channel.name)


class Ears:
    """A client that hears what happens in a small world, with no network between."""

    def __init__(self, discord: Discord, notes: Notes, *bots: int) -> None:
        settings = Settings("token", frozenset(bots))
        self.client = Client(settings, notes, contents=True)  # type: ignore[arg-type]
        self.client.loop = self.client._connection.loop = asyncio.get_running_loop()
        self.notes = notes
        discord.world.gateway.emit = self.hear  # type: ignore[method-assign]
        for name, data in discord.world.welcome():
            self.hear(name, data | {"resume_gateway_url": "", "session_id": ""})

    def hear(self, name: str, data: Any, *, plain: Any = None) -> None:
        parse = self.client._connection.parsers.get(name)
        if parse:
            parse(json.loads(json.dumps(data)))

    async def settled(self) -> Notes:
        for _ in range(3):  # dispatch, its handler, the inbox
            await asyncio.sleep(0)
            await self.client.inbox.idle()
        return self.notes

    async def heard(self) -> Message:
        [message] = (await self.settled()).received
        self.notes.received.clear()
        return message


@pytest.fixture
async def discord() -> Discord:
    return Discord()


@pytest.fixture
async def ears(discord: Discord) -> AsyncIterator[Ears]:
    listening = Ears(discord, Notes(), int(WEBHOOK))
    yield listening
    await listening.client.inbox.close()
    await listening.client.close()


def channel(place: Place) -> Channel:
    return Channel("discord", place.guild or "@me", place.id)


async def test_a_message_is_remembered_with_who_where_when_and_its_link(
    discord: Discord, ears: Ears
) -> None:
    post = discord.say(discord.ana, discord.general, "The disk is in the red cupboard.")

    said = await ears.heard()

    assert (said.channel, said.channel.name) == (channel(discord.general), "general")
    assert (said.id, said.text, said.thread) == (post.id, "The disk is in the red cupboard.", "")
    assert (said.author.id, said.author.name) == (discord.ana.id, "Ana")
    assert said.at.tzinfo is not None
    home = discord.general
    assert said.link == f"https://discord.com/channels/{home.guild}/{home.id}/{post.id}"
    assert not said.addressed
    assert not said.mentions


@pytest.mark.parametrize("call", ["<@{id}>", "<@!{id}>,", " <@{id}>:"])
async def test_a_mention_is_meant_for_her_and_is_no_part_of_the_question(
    discord: Discord, ears: Ears, call: str
) -> None:
    discord.say(discord.ana, discord.general, f"{call.format(id=discord.bot.id)} where is it?")

    said = await ears.heard()

    assert (said.text, said.addressed, said.mentions) == ("where is it?", True, ())


async def test_a_mention_alone_or_within_keeps_her_name(discord: Discord, ears: Ears) -> None:
    discord.say(discord.ana, discord.general, discord.bot.mention)
    assert (await ears.heard()).text == "@Nellie"

    discord.say(discord.ana, discord.general, f"what does {discord.bot.mention} know?")
    assert (await ears.heard()).text == "what does @Nellie know?"


async def test_people_channels_and_emoji_are_named_as_people_see_them(
    discord: Discord, ears: Ears
) -> None:
    text = f"{discord.bob.mention} look in <#{discord.random.id}> <:parrot:123> <@&9>"
    discord.say(discord.ana, discord.general, text)

    said = await ears.heard()

    assert said.text == "@Bob look in #random :parrot: @9"
    assert said.mentions == (discord.bob.id,)
    assert not said.addressed


async def test_a_reply_to_her_is_meant_for_her(discord: Discord, ears: Ears) -> None:
    hers = discord.say(discord.bot, discord.general, "It is in the cupboard.")
    discord.say(discord.ana, discord.general, "which one?", to=hers, ping=False)

    said = await ears.heard()

    assert (said.addressed, said.reply_to, said.mentions) == (True, hers.id, ())


async def test_a_reply_to_somebody_else_is_not(discord: Discord, ears: Ears) -> None:
    bobs = discord.say(discord.bob, discord.general, "It is in the cupboard.")
    await ears.heard()
    discord.say(discord.ana, discord.general, "thanks", to=bobs, ping=False)

    said = await ears.heard()

    assert (said.addressed, said.reply_to, said.mentions) == (False, bobs.id, (discord.bob.id,))


async def test_a_direct_message_is_a_channel_of_its_own_and_meant_for_her(
    discord: Discord, ears: Ears
) -> None:
    post = discord.dm(discord.ana, "just between us")

    said = await ears.heard()

    assert said.channel == channel(post.place)
    assert said.channel.direct
    assert said.addressed
    assert said.lane == "direct"


async def test_a_public_thread_belongs_to_its_channel(discord: Discord, ears: Ears) -> None:
    thread = discord.thread(discord.ana, discord.general)
    discord.say(discord.ana, thread, "in here")

    said = await ears.heard()

    assert (said.channel, said.channel.name) == (channel(discord.general), "general")
    assert (said.thread, said.lane) == (thread.id, f"thread:{thread.id}")
    assert f"/{thread.id}/" in said.link


async def test_a_thread_of_announcements_does_so_too(discord: Discord, ears: Ears) -> None:
    thread = Place("news", discord.general.guild, NEWS_THREAD, discord.general, discord.ana)
    discord.messages.threaded(thread)
    discord.say(discord.ana, thread, "news!")

    assert (await ears.heard()).thread == thread.id


async def test_a_private_thread_is_a_channel_of_its_own(discord: Discord, ears: Ears) -> None:
    thread = discord.private_thread(discord.ana, discord.general)
    discord.say(discord.ana, thread, "secretly")

    said = await ears.heard()

    assert (said.channel, said.channel.name, said.thread) == (channel(thread), "in private", "")


async def test_bots_webhooks_herself_and_system_messages_are_not_heard(
    discord: Discord, ears: Ears
) -> None:
    robot, hook = discord.person("robot", bot=True), discord.person("hook")
    discord.say(robot, discord.general, f"{discord.bot.mention} beep")
    discord.say(hook, discord.general, f"{discord.bot.mention} beep", webhook=True)
    discord.say(discord.bot, discord.general, f"{discord.bot.mention} hello me")
    discord.say(discord.ana, discord.general, "", kind=PINNED)

    assert (await ears.settled()).received == []


async def test_bots_and_webhooks_that_are_allowed_are(discord: Discord) -> None:
    robot = discord.person("robot", bot=True)
    hook = User("hook", bot=True, id=WEBHOOK)
    ears = Ears(discord, Notes(), int(robot.id), int(WEBHOOK))
    discord.say(robot, discord.general, "build 7 is green")
    discord.say(hook, discord.general, "deployed", webhook=True)

    texts = [said.text for said in (await ears.settled()).received]

    assert texts == ["build 7 is green", "deployed"]


async def test_files_that_are_not_read_are_named(discord: Discord, ears: Ears) -> None:
    discord.origin = "127.0.0.1:1"
    discord.say(discord.ana, discord.general, "look", files={"cat.png": b"\x89PNG"})

    assert (await ears.heard()).text == "look\n[file, not read: cat.png]"


async def test_an_edit_of_the_text_is_told_and_a_links_preview_is_not(
    discord: Discord, ears: Ears
) -> None:
    post = discord.say(discord.ana, discord.general, "on monday")
    discord.unfurl(post)
    assert (await ears.settled()).edited_to == []

    discord.edit(post, "on friday")

    assert (await ears.settled()).edited_to == [(channel(discord.general), post.id, "on friday")]


async def test_deletions_one_or_many_are_told_in_threads_too(discord: Discord, ears: Ears) -> None:
    thread = discord.thread(discord.ana, discord.general)
    posts = [discord.say(discord.ana, place, "x") for place in (discord.general, thread, thread)]

    discord.delete(posts[0])
    discord.delete(*posts[1:])

    home = channel(discord.general)
    assert (await ears.settled()).forgotten == [(home, post.id) for post in posts]


async def test_a_new_name_is_told(discord: Discord, ears: Ears) -> None:
    discord.rename(discord.general, "lobby")

    assert (await ears.settled()).names == ["lobby"]


async def test_what_happens_in_a_channel_is_told_in_its_order(discord: Discord, ears: Ears) -> None:
    posts = [discord.say(discord.ana, discord.general, f"number {n}") for n in range(50)]
    discord.edit(posts[3], "changed")

    notes = await ears.settled()

    assert [said.id for said in notes.received] == [post.id for post in posts]
    assert len(notes.edited_to) == 1


async def test_garbled_events_are_left_out_and_the_next_one_is_heard(
    discord: Discord, ears: Ears
) -> None:
    chance = random.Random(7)
    told: list[tuple[str, Any]] = []
    discord.world.gateway.emit = lambda name, data, **_: told.append((name, data))  # type: ignore[method-assign,assignment]
    thread = discord.thread(discord.ana, discord.general)
    first = discord.say(discord.ana, thread, f"{discord.bot.mention} <@1> <#2>")
    reply = discord.say(discord.bob, discord.general, "yes", to=first)
    discord.edit(reply, "no")
    discord.delete(reply)
    discord.delete(first, reply)

    for _ in range(150):  # thousands: tests/adapters/discord
        name, data = chance.choice(told)
        ears.hear(name, garbled(data, chance))
    await ears.settled()
    ears.notes.received.clear()

    discord.say(discord.ana, discord.general, "still there?")
    ears.hear(*told[-1])
    assert (await ears.heard()).text == "still there?"


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


def test_markup_of_what_is_unknown_keeps_its_number() -> None:
    assert readable("<@1> <@&2> <#3> <a:dance:4> <t:5:R> <@x> <@>") == (
        "@1 @2 #3 :dance: <t:5:R> <@x> <@>"
    )

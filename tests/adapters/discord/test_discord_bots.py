"""Other bots on Discord: read where somebody asks about them, answered for a while, proxied."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord
from doubles.discord_server.guild import Post, User
from doubles.nellie_on_discord import NellieOnDiscord

from bot.testing import ScriptedModel, says, stalls

Open = Callable[..., Awaitable[NellieOnDiscord]]

MARK = "that was all"
ALERT = {"type": "rich", "title": "Pump 3", "description": "quay 7 is flooded"}


@pytest.fixture
def robot(discord: Discord) -> User:
    return discord.person("pumps", bot=True)


def prompts(nellie: NellieOnDiscord) -> list[str]:
    return ["\n".join(part.text for part in one.messages) for one in nellie.model.prompts]


def alert(discord: Discord, robot: User) -> Post:
    return discord.say(robot, discord.general, "", embeds=[ALERT])


async def settled(nellie: NellieOnDiscord) -> None:
    """Once everything that was said and done so far has been taken in."""
    discord = nellie.discord
    discord.say(discord.bob, discord.general, MARK)
    async with asyncio.timeout(60):
        while MARK not in await nellie.texts():  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0.02)
    await nellie.connection.event_queue.idle()


async def test_what_an_unheard_bot_posted_is_read_for_a_reply_to_it(
    nellie: NellieOnDiscord, robot: User
) -> None:
    discord = nellie.discord
    post = alert(discord, robot)

    await nellie.ask(discord.ana, discord.general, "what does this mean?", to=post)
    await nellie.ask(discord.ana, discord.general, "anything else?")

    first, second = prompts(nellie)
    assert "Pumps (a bot): Pump 3\n| quay 7 is flooded" in first
    assert "quay 7" not in second
    assert await nellie.texts() == [
        "what does this mean?",
        "You said: what does this mean?",
        "anything else?",
        "You said: anything else?",
    ]


async def test_it_is_read_in_the_thread_that_begins_from_it(
    nellie: NellieOnDiscord, robot: User
) -> None:
    discord = nellie.discord
    thread = discord.thread(discord.ana, alert(discord, robot))
    discord.say(robot, thread, "it is the valve")

    await nellie.ask(discord.ana, thread, "why?")

    assert "quay 7 is flooded" in prompts(nellie)[0]
    assert "Pumps (a bot): it is the valve" in prompts(nellie)[0]


async def test_it_is_asked_for_where_it_was_posted_before_nellie_came(
    open_nellie: Open, discord: Discord, robot: User
) -> None:
    post = alert(discord, robot)
    thread = discord.thread(discord.ana, post)
    discord.say(robot, thread, "it is the valve")
    nellie = await open_nellie(discord)

    await nellie.ask(discord.ana, discord.general, "what does this mean?", to=post)
    await nellie.ask(discord.ana, thread, "why?")

    first, second = prompts(nellie)
    assert "quay 7 is flooded" in first
    assert "quay 7 is flooded" in second
    assert "it is the valve" in second


async def test_what_the_bot_deleted_is_not_read_any_more(
    nellie: NellieOnDiscord, robot: User
) -> None:
    discord = nellie.discord
    post = alert(discord, robot)
    thread = discord.thread(discord.ana, post)
    discord.delete(post)

    await nellie.ask(discord.ana, thread, "why?")

    assert "quay 7" not in prompts(nellie)[0]


async def test_a_reply_to_a_person_reads_nothing_more(nellie: NellieOnDiscord, robot: User) -> None:
    discord = nellie.discord
    alert(discord, robot)
    bobs = discord.say(discord.bob, discord.general, "look at that")

    await nellie.ask(discord.ana, discord.general, "what does bob mean?", to=bobs)

    assert "quay 7" not in prompts(nellie)[0]


async def test_a_bot_that_is_heard_gets_three_answers_in_a_row(
    open_nellie: Open, discord: Discord, robot: User
) -> None:
    nellie = await open_nellie(discord, environ={"NELLIE_DISCORD_BOTS": robot.id})
    thread = discord.thread(discord.ana, discord.general)
    asked = [discord.say(robot, thread, f"{discord.bot.mention} is it dry? {n}") for n in range(5)]
    await settled(nellie)
    await nellie.parts.lanes.idle()

    assert [len(discord.answers(one)) for one in asked] == [1, 1, 1, 0, 0]


async def test_a_proxied_question_is_answered_once_and_kept(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(stalls("at "), says("at quay 7")))
    question = discord.say(discord.ana, discord.general, f"{discord.bot.mention} where is it?")
    await nellie.model.called.wait()

    discord.delete(question)
    hook = User("Ana (system)", bot=True, id="77")
    copy = discord.say(hook, discord.general, f"{discord.bot.mention} where is it?", webhook=True)
    await settled(nellie)

    [message] = [
        one
        for state in await nellie.parts.stores.channels.all()
        async for one in nellie.parts.stores.messages.read_in_order(state.channel, state.id)
        if not one.author.nellie and one.text != MARK
    ]
    assert (message.id, message.text, message.author.name) == (copy.id, "where is it?", "Ana")
    assert len(nellie.model.prompts) == 1
    assert len(nellie.parts.lanes._tasks) == 1
    await nellie.parts.lanes.close(seconds=0)  # the model would say nothing more


@pytest.mark.parametrize("known_first", ["the deletion", "the copy"])
async def test_a_proxied_question_whose_copy_is_deleted_in_mid_answer_is_answered_no_further(
    open_nellie: Open, discord: Discord, known_first: str
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(stalls("at quay"), says("fine")))
    asked = f"{discord.bot.mention} where is it?"
    hook = User("Ana (system)", bot=True, id="77")
    question = discord.say(discord.ana, discord.general, asked)
    await discord.until(lambda: discord.answers(question))

    if known_first == "the deletion":
        discord.delete(question)
        copy = discord.say(hook, discord.general, asked, webhook=True)
        await settled(nellie)
        discord.delete(copy)
    else:
        copy = discord.say(hook, discord.general, asked, webhook=True)
        discord.delete(copy)
        await settled(nellie)
        discord.delete(question)
    await nellie.parts.lanes.idle()

    assert [text for text in await nellie.texts() if text != MARK] == []
    assert await nellie.ask(discord.ana, discord.random, "you?") == "fine"


async def test_a_mention_that_an_edit_adds_is_answered_once(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.ana, discord.general, "where is it")

    for text in ("where is it?", "where is it now?"):
        post.mentioned = [discord.bot]
        discord.edit(post, f"{discord.bot.mention} {text}")
        await nellie.answer_to(post)
    await settled(nellie)
    await nellie.parts.lanes.idle()

    assert len(discord.answers(post)) == 1
    assert await nellie.texts() == ["where is it now?", "You said: where is it?", MARK]

"""The button "Go on" below answers that were cut short, on Discord."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from doubles.discord_server import Discord
from doubles.discord_server.guild import Post, User
from doubles.discord_server.interaction import PRESS, Interaction
from doubles.nellie_on_discord import NellieOnDiscord

from bot.testing import ScriptedModel, says

Open = Callable[..., Awaitable[NellieOnDiscord]]
STEPS, REST = "First stop the server, then pull the", " disk out."
LONG = "A long tale, with " + "many a word, " * 300 + "and then the"


def cut_then(*scripts: Any, text: str = STEPS) -> ScriptedModel:
    return ScriptedModel(says(text, finish="length"), *scripts)


async def ask(nellie: NellieOnDiscord, text: str = "how?", user: User | None = None) -> Post:
    """A question; the last message of its answer."""
    discord = nellie.discord
    before = len(discord.of_bot(discord.general))
    discord.say(user or discord.ana, discord.general, f"{discord.bot.mention} {text}")
    await discord.until(lambda: len(discord.of_bot(discord.general)) > before)
    await nellie.parts.lanes.idle()
    return last(discord)


def last(discord: Discord) -> Post:
    return discord.of_bot(discord.general)[-1]


def press(discord: Discord, user: User, post: Post, id: str) -> Interaction:
    """A press of a button that may not stand there any more."""
    data = {"custom_id": id, "component_type": 2}
    return discord.interactions.begin(Interaction(user, post.channel, PRESS, data, post))


@pytest.mark.parametrize("text", [STEPS, LONG, "See https://example.org/a and then the"])
async def test_a_press_posts_the_rest_and_takes_the_button_away(
    open_nellie: Open, discord: Discord, text: str
) -> None:
    nellie = await open_nellie(discord, model=cut_then(says("the disk out."), text=text))
    post = await ask(nellie)
    shown = post.text

    discord.press(discord.bob, post, "Go on")
    await discord.until(lambda: last(discord) is not post)
    await nellie.parts.lanes.idle()
    await discord.until(lambda: "Go on" not in post.buttons)

    assert last(discord).text.strip() == "disk out."
    assert post.text == shown
    assert set(post.buttons) == {"👍", "👎"}
    assert "Go on" not in last(discord).buttons


async def test_pressed_by_two_people_it_goes_on_once(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord, model=cut_then(says(REST)))
    post = await ask(nellie)
    id = post.buttons["Go on"]

    presses = [press(discord, one, post, id) for one in (discord.bob, discord.ana, discord.bob)]
    await discord.until(lambda: last(discord) is not post)
    await nellie.parts.lanes.idle()
    await discord.until(lambda: sum(bool(one.followups) for one in presses) == 2)

    told = [one.text for each in presses for one in each.followups]
    assert all("at it already" in one for one in told)
    assert len(nellie.model.prompts) == 2


async def test_a_new_question_takes_the_button_away(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord, model=cut_then(says("A fan.")))
    post = await ask(nellie)
    id = post.buttons["Go on"]

    await ask(nellie, "and the fan?")
    await discord.until(lambda: "Go on" not in post.buttons)
    pressed = press(discord, discord.ana, post, id)
    await discord.until(lambda: pressed.followups)

    assert pressed.followups[0].text.startswith("Something else was asked here since")
    assert len(nellie.model.prompts) == 2


async def test_the_button_works_after_a_restart(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord, model=cut_then())
    post = await ask(nellie)
    await nellie.stop_adapter()
    successor = await open_nellie(discord, model=ScriptedModel(says(REST)))

    discord.press(discord.ana, post, "Go on")
    await discord.until(lambda: last(discord) is not post)
    await successor.parts.lanes.idle()

    assert last(discord).text.strip() == REST.strip()
    await discord.until(lambda: "Go on" not in post.buttons)


async def test_a_reply_that_says_go_on_brings_the_rest(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord, model=cut_then(says(REST)))
    post = await ask(nellie)

    discord.say(discord.bob, discord.general, "go on", to=post)
    await discord.until(lambda: last(discord) is not post)
    await nellie.parts.lanes.idle()

    assert last(discord).text.strip() == REST.strip()
    assert nellie.model.prompts[-1].goes_on


async def test_a_private_answer_goes_on_for_its_asker_alone(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=cut_then(says(REST)))
    asked = await nellie.slash(discord.ana, discord.general, "ask", question="how?", private=True)
    assert asked.original

    pressed = discord.press(discord.ana, asked.original, "Go on")
    await discord.until(lambda: pressed.followups)
    await nellie.parts.lanes.idle()

    assert [one.text.strip() for one in pressed.followups] == [REST.strip()]
    assert pressed.followups[0].ephemeral
    shown = [post for post in discord.of_bot(discord.general) if not post.ephemeral]
    assert not any("disk out" in post.text for post in shown)
    await discord.until(lambda: "Go on" not in asked.original.buttons)


async def test_a_private_answer_goes_on_after_a_restart(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=cut_then())
    asked = await nellie.slash(discord.ana, discord.general, "ask", question="how?", private=True)
    assert asked.original
    await nellie.stop_adapter()
    successor = await open_nellie(discord, model=ScriptedModel(says(REST)))

    pressed = discord.press(discord.ana, asked.original, "Go on")
    await discord.until(lambda: pressed.followups)
    await successor.parts.lanes.idle()

    assert [one.text.strip() for one in pressed.followups] == [REST.strip()]

"""The buttons below an answer on Discord."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from doubles.discord_server import Discord
from doubles.discord_server.guild import Post, User
from doubles.discord_server.interaction import PRESS, Interaction
from doubles.nellie_on_discord import NellieOnDiscord

from adapters.discord.stale_interactions import DIALOG_LOST
from adapters.kit.button_presses import ANSWERED, AT_WORK, ENDED, FORGOTTEN, THANKS, UNKNOWN
from bot.domain.errors import ModelTimeout
from bot.testing import ScriptedModel, breaks, says, stalls, waits

Open = Callable[..., Awaitable[NellieOnDiscord]]


async def test_stop_ends_an_answer_for_its_asker_and_for_nobody_else(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(
        discord,
        model=ScriptedModel(stalls("A story that never comes to its end, for it goes on and on")),
    )
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)

    refused = discord.press(discord.bob, post, "Stop")
    await discord.until(lambda: refused.shown)
    assert refused.ephemeral
    assert "Only who asked" in refused.shown
    discord.press(discord.ana, post, "Stop")

    await discord.until(lambda: "(stopped)" in post.text)
    await nellie.parts.lanes.idle()
    assert "Stop" not in post.buttons


async def test_a_stopped_answer_is_retried_in_its_place(
    open_nellie: Open, discord: Discord
) -> None:
    model = ScriptedModel(
        stalls("A story that never comes to its end, for it goes on"), says("The end.")
    )
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)
    discord.press(discord.ana, post, "Stop")
    await discord.until(lambda: "(stopped)" in post.text)
    await nellie.parts.lanes.idle()

    discord.press(discord.ana, post, "Try again")

    await discord.until(lambda: post.text == "The end.")
    assert discord.answers(asked) == [post]


async def test_an_answer_can_be_rated_also_after_a_restart(
    open_nellie: Open, discord: Discord, database: object
) -> None:
    nellie = await open_nellie(discord)
    await nellie.ask(discord.ana, discord.general, "well?")
    [post] = [post for post in discord.of_bot(discord.general) if post.buttons]
    await nellie.stop_adapter()
    await open_nellie(discord)

    interaction = discord.press(discord.bob, post, "👎")

    await discord.until(lambda: interaction.shown)
    assert interaction.ephemeral
    assert interaction.shown == "Thank you, noted."


@pytest.mark.parametrize("opted_out", [True, False])
async def test_what_cannot_be_tried_again_has_no_button_for_it(
    open_nellie: Open, discord: Discord, opted_out: bool
) -> None:
    broken = ModelTimeout(model="m", seconds=1)
    nellie = await open_nellie(discord, model=ScriptedModel(breaks(broken), breaks(broken)))
    await nellie.slash(discord.bob, discord.general, "memory optout", undo=not opted_out)

    asked = await nellie.slash(discord.bob, discord.general, "ask", question="where is it?")
    await nellie.ask(discord.bob, discord.general, "where is it?")

    posts = [post for post in discord.of_bot(discord.general) if "could not answer" in post.text]
    assert asked.original in posts
    assert [("Try again" in post.buttons) for post in posts] == [not opted_out] * 2


async def test_a_second_press_of_try_again_says_that_it_is_at_work_or_was_answered(
    open_nellie: Open, discord: Discord
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(breaks(ModelTimeout(model="m", seconds=1)), waits(gate, says("The end.")))
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked) and "Try again" in last(discord).buttons)
    await nellie.parts.lanes.idle()
    post = last(discord)
    button = post.buttons["Try again"]

    discord.press(discord.ana, post, "Try again")
    await discord.until(lambda: gate.is_set() or model.prompts[1:])
    at_work = press(discord, discord.bob, post, button)
    await discord.until(lambda: at_work.shown)
    gate.set()
    await discord.until(lambda: post.text == "The end.")
    await nellie.parts.lanes.idle()
    answered = press(discord, discord.bob, post, button)
    await discord.until(lambda: answered.shown)

    assert (at_work.shown, answered.shown) == (AT_WORK, ANSWERED)
    assert at_work.ephemeral
    assert answered.ephemeral


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("nellie:stop:{turn}", ENDED),
        ("nellie:stop:987654", ENDED),
        ("nellie:again:987654", ANSWERED),
        ("nellie:good:{turn}", THANKS),
        ("nellie:bad:987654", FORGOTTEN),
        ("nellie:translate:{turn}", UNKNOWN),
        ("nellie:stop:soon", UNKNOWN),
        ("somebody-else's", UNKNOWN),
        ("nellie:sure:memory:forget me yes-77", "There is nothing to forget"),
    ],
)
async def test_a_button_with_nothing_to_do_says_so(
    nellie: NellieOnDiscord, button: str, said: str
) -> None:
    discord = nellie.discord
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} well?")
    await nellie.answer_to(asked)
    async with nellie.database.autocommit() as connection:
        turn = await connection.scalar(sa.text("SELECT max(id) FROM turn"))

    pressed = press(discord, discord.bob, last(discord), button.format(turn=turn))

    await discord.until(lambda: pressed.shown)
    assert pressed.shown.startswith(said)
    assert pressed.ephemeral


async def test_a_dialog_that_a_restart_has_lost_says_so(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord)
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")
    opened = discord.menu(discord.ana, "Ask Nellie about this", post)
    await discord.until(lambda: opened.modal)
    await nellie.stop_adapter()
    await open_nellie(discord)

    lost = discord.submit(opened, question="which one?")

    await discord.until(lambda: lost.shown)
    assert lost.shown == DIALOG_LOST
    assert lost.ephemeral


def last(discord: Discord) -> Post:
    """The bot's newest post in #general."""
    return discord.of_bot(discord.general)[-1]


def press(discord: Discord, user: User, post: Post, custom_id: str) -> Interaction:
    """A button that may not stand there any more."""
    data = {"custom_id": custom_id, "component_type": 2}
    return discord.interactions.begin(Interaction(user, post.channel, PRESS, data, post))

"""The buttons below an answer on Discord."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.domain.errors import ModelTimeout
from bot.testing import ScriptedModel, breaks, says, stalls

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

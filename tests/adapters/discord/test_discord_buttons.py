"""The buttons below an answer on Discord."""

from collections.abc import Awaitable, Callable

from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.testing import ScriptedModel, says, stalls

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

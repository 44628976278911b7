"""Questions that are asked on Discord by a command."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.testing import ScriptedModel, says

Open = Callable[..., Awaitable[NellieOnDiscord]]

DEFERRED = 5
LONG = "\n".join(
    f"line {number} of a long tale about the harbour and its ships" for number in range(60)
)


def _without_introduction(discord: Discord) -> list[str]:
    return [text for text in discord.visible(discord.general) if not text.startswith("Hi, I am")]


async def test_a_question_by_command_is_remembered_and_its_answer_too(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord

    interaction = await nellie.slash(discord.ana, discord.general, "ask", question="where is it?")

    assert (interaction.shown, interaction.response, interaction.ephemeral) == (
        "You said: where is it?",
        DEFERRED,
        False,
    )
    assert await nellie.texts() == ["where is it?", "You said: where is it?"]


async def test_a_private_question_is_answered_to_the_asker_alone_and_not_remembered(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord

    interaction = await nellie.slash(
        discord.ana, discord.general, "ask", question="who?", private=True
    )

    assert interaction.shown == "You said: who?"
    assert interaction.ephemeral
    assert _without_introduction(discord) == []
    assert await nellie.texts() == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_long_answer_goes_on_in_messages_behind_the_response(
    open_nellie: Open, discord: Discord, private: bool
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(says(LONG)))

    await nellie.slash(discord.ana, discord.general, "ask", question="a tale", private=private)

    shown = [post for post in discord.of_bot(discord.general) if "line" in post.text]
    assert "\n".join(post.text for post in shown) == LONG
    assert [post.ephemeral for post in shown] == [private] * len(shown)


async def test_an_answer_that_outlasts_its_token_goes_on_in_the_channel(
    open_nellie: Open,
) -> None:
    more = asyncio.Event()
    part = says("The beginning of an answer that takes a long time", " and its end.")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (first, more, *rest)

    async with Discord(life=2.0) as discord:
        nellie = await open_nellie(discord, model=ScriptedModel(slowly))  # type: ignore[arg-type]
        interaction = discord.slash(discord.ana, discord.general, "ask", question="well?")
        await discord.until(lambda: interaction.shown.startswith("The beginning"))
        await asyncio.sleep(2.1)  # the token expires earlier than Nellie knows
        more.set()
        await nellie.parts.lanes.idle()

        whole = "The beginning of an answer that takes a long time and its end."
        assert whole in discord.visible(discord.general)
        assert len(_without_introduction(discord)) == 1
        assert discord.violations() == []
        await nellie.stop_adapter()


async def test_an_answer_that_begins_after_its_token_has_expired_is_a_normal_message(
    open_nellie: Open, discord: Discord
) -> None:
    wait = asyncio.Event()
    part = says("At last.")
    nellie = await open_nellie(discord, model=ScriptedModel(lambda prompt: (wait, *part(prompt))))
    interaction = discord.slash(discord.ana, discord.general, "ask", question="well?")
    await discord.until(lambda: interaction.acknowledged)
    pending = nellie.connection.delivery.pending.get(interaction.id)
    assert pending
    pending.lifetime = timedelta(0)
    wait.set()

    await discord.until(lambda: "At last." in discord.visible(discord.general))
    await nellie.parts.lanes.idle()
    assert discord.find(f"POST /channels/{discord.general.id}/messages")


async def test_asks_about_a_message_from_its_menu(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")
    menu = discord.menu(discord.ana, "Ask Nellie about this", post)
    await discord.until(lambda: menu.modal)
    field = menu.modal["components"][0]["components"][0]["custom_id"]  # type: ignore[index]

    interaction = discord.submit(menu, **{field: "what is a mizzen?"})

    await discord.until(lambda: interaction.shown and not interaction.thinking)
    await nellie.parts.lanes.idle()
    assert interaction.shown == "You said: what is a mizzen?"
    assert "] Bob: The mizzen is adrift." in nellie.model.prompts[-1].messages[-1].text

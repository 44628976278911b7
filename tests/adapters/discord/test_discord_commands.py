"""Slash commands, the menu of a message, and their replies."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.commands.dispatch import Commands
from bot.domain.model import Command, Reply

Open = Callable[..., Awaitable[NellieOnDiscord]]


async def test_help_and_memory_are_shown_to_the_person_alone(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.bob, discord.general, "the key is under the mat")

    help_ = await nellie.slash(discord.ana, discord.general, "help")
    show = await nellie.slash(discord.ana, discord.general, "memory show")
    found = await nellie.slash(discord.ana, discord.general, "memory search", words="key mat")

    assert "/memory search" in help_.shown
    assert show.shown.startswith("I remember 2 messages here")
    assert "under the mat" in found.shown
    assert f"https://discord.com/channels/{discord.general.guild}" in found.shown
    assert all(interaction.ephemeral for interaction in (help_, show, found))


async def test_forgetting_asks_first_by_a_button_that_outlives_a_restart(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord)
    await nellie.ask(discord.ana, discord.general, "my secret")
    interaction = await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    assert interaction.original
    assert "Sure?" in interaction.shown
    assert "my secret" in await nellie.texts()
    await nellie.stop_adapter()
    nellie = await open_nellie(discord)

    pressed = discord.press(discord.ana, interaction.original, "Yes, do it")

    await discord.until(lambda: pressed.shown)
    assert pressed.shown.startswith("Forgotten: 1 message")
    assert "my secret" not in await nellie.texts()


async def test_of_several_replicas_one_runs_a_command(
    open_nellie: Open, discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    carry_out = Commands.run

    async def noted(commands: Commands, command: Command) -> Reply:
        done.append(command.arguments)
        return await carry_out(commands, command)

    monkeypatch.setattr(Commands, "run", noted)
    nellie = await open_nellie(discord, lease=1)
    await nellie.ask(discord.ana, discord.general, "my secret")
    await open_nellie(discord, lease=1)
    await discord.until(lambda: nellie.parts.turns.replicas == 2)
    interaction = await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    assert interaction.original

    pressed = discord.press(discord.ana, interaction.original, "Yes, do it")

    await discord.until(lambda: pressed.shown and not pressed.thinking)
    assert pressed.shown.startswith("Forgotten: 1 message")
    await discord.until(lambda: len(discord.requests("/callback")) == 4)
    await asyncio.sleep(0.1)  # whatever the one that came too late would do
    assert len(done) == 2


async def test_rights_are_those_of_discord_and_are_checked_again(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    by_name = {command["name"]: command for command in discord.commands}
    assert (
        by_name["persona"]["default_member_permissions"]
        == by_name["model"]["default_member_permissions"]
    )

    refused = await nellie.slash(discord.ana, discord.general, "memory export")
    done = await nellie.slash(discord.mona, discord.general, "persona set", text="A pirate.")

    assert refused.shown.startswith("Only people with rights over this channel")
    assert done.shown == "That is who I am here now."
    assert not done.ephemeral


async def test_an_export_is_a_file(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "the key is under the mat")

    interaction = await nellie.slash(discord.mona, discord.general, "memory export")

    assert interaction.original
    [file] = interaction.original.attachments
    assert file["filename"] == "nellie.jsonl"
    assert file["text"].count("\n") == 2


async def test_completes_times_and_models(open_nellie: Open, discord: Discord) -> None:
    await open_nellie(discord, models=("scripted", "other"))

    times = discord.complete(discord.ana, discord.general, "catchup", since="yes")
    models = discord.complete(discord.mona, discord.general, "model set", model="")

    await discord.until(lambda: times.choices is not None and models.choices is not None)
    assert times.choices == ["yesterday"]
    assert models.choices == ["scripted", "other"]


async def test_catches_up_from_a_message(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")
    await nellie.ask(discord.ana, discord.general, "aye?")

    interaction = discord.menu(discord.ana, "Catch me up from here", post)

    await discord.until(lambda: interaction.shown and not interaction.thinking)
    assert interaction.shown.startswith("1 message since")
    assert "- Bob: The mizzen is adrift. (" in interaction.shown


async def test_commands_are_registered_only_when_they_have_changed(
    open_nellie: Open, discord: Discord
) -> None:
    for _ in range(2):
        nellie = await open_nellie(discord)
        await nellie.stop_adapter()
    assert discord.interactions.synced == 1

    discord.commands[0]["description"] = "something else"
    before = discord.interactions.synced
    nellie = await open_nellie(discord)

    await discord.until(lambda: discord.interactions.synced > before)


async def test_commands_work_in_direct_messages_with_all_rights(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    channel = discord.dm(discord.ana, "hello").channel
    await discord.until(lambda: discord.visible(channel))

    interaction = await nellie.slash(discord.ana, channel, "memory export")

    assert interaction.original
    assert interaction.original.attachments


@pytest.mark.parametrize("options", [{}, {"expires": "30d"}, {"models": "gpt-*, auto"}])
async def test_a_key_is_shown_to_its_person_alone_and_remembered_nowhere(
    nellie: NellieOnDiscord, options: dict[str, str]
) -> None:
    discord = nellie.discord

    made = await nellie.slash(discord.ana, discord.general, "key new", **options)
    listed = await nellie.slash(discord.ana, discord.general, "key list")
    theirs = await nellie.slash(discord.bob, discord.general, "key list")
    ended = await nellie.slash(discord.ana, discord.general, "key revoke", key="all")

    assert "nellie-" in made.shown
    assert made.ephemeral
    assert "Your keys:" in listed.shown
    assert "You have no key" in theirs.shown
    assert "Revoked: 1 key" in ended.shown
    assert "nellie-" not in "".join(await nellie.texts())

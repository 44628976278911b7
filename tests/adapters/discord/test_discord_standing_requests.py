"""What people ask in so many words, in Discord: a reply, since only commands have private ones."""

from doubles.nellie_on_discord import NellieOnDiscord


async def test_a_catchup_in_words_is_a_reply(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    discord.say(discord.bob, discord.general, "the backup disk is full")

    answer = await nellie.ask(discord.ana, discord.general, "what did I miss?")

    assert answer.startswith("1 message since")
    assert await nellie.texts() == ["the backup disk is full"]


async def test_who_may_manage_the_server_has_everything_forgotten_by_a_yes(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    discord.say(discord.bob, discord.general, "a secret")

    refused = await nellie.ask(discord.ana, discord.general, "forget everything")
    asked = await nellie.ask(discord.mona, discord.general, "forget everything")
    not_hers = await nellie.ask(discord.ana, discord.general, "yes")
    done = await nellie.ask(discord.mona, discord.general, "yes")

    assert refused.startswith("Only people with rights over this channel")
    assert asked.startswith("This forgets 1 message of everyone")
    assert "Forgotten" not in not_hers
    assert done.startswith("Forgotten: 3 messages of everyone")  # with Ana's yes, and its answer
    assert "a secret" not in await nellie.texts()


async def test_a_yes_in_words_answers_the_command(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "my secret")
    await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    discord.say(discord.bob, discord.general, "anybody for lunch?")

    done = await nellie.ask(discord.ana, discord.general, "Yes!")

    assert done == "Forgotten: 1 message of yours."
    assert "my secret" not in await nellie.texts()


async def test_the_button_no_voids_a_later_yes(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "my secret")
    interaction = await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    assert interaction.original

    pressed = discord.press(discord.ana, interaction.original, "No")
    await discord.until(lambda: pressed.shown)
    await nellie.ask(discord.ana, discord.general, "yes")

    assert pressed.shown == "Nothing was changed."
    assert "my secret" in await nellie.texts()

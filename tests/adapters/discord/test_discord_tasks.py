"""Tasks on Discord: slash commands with options, entries of menus, what is completed."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord
from doubles.discord_server.guild import HISTORY
from doubles.discord_server.interaction import Interaction
from doubles.nellie_on_discord import NellieOnDiscord

from bot.domain.model import Prompt
from bot.testing import ScriptedModel, Steps, says

Open = Callable[..., Awaitable[NellieOnDiscord]]
SHIP = "la nave è in ritardo"


def shouts(prompt: Prompt) -> Steps:
    """Translates by writing the text in capitals."""
    lines = prompt.messages[1].text.splitlines()
    return says("\n".join(one[2:].upper() for one in lines if one.startswith("| ")))(prompt)


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> NellieOnDiscord:
    model = ScriptedModel()
    model.follow("task", shouts)
    return await open_nellie(discord, model=model)


async def shown(nellie: NellieOnDiscord, interaction: Interaction) -> str:
    await nellie.discord.until(lambda: interaction.shown and not interaction.thinking)
    return interaction.shown


async def test_a_text_is_translated_for_its_asker_alone(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    reply = await nellie.slash(
        discord.ana, discord.general, "translate", language="deutsch", text="the ship is late"
    )

    assert reply.shown == "In German:\nTHE SHIP IS LATE"
    assert reply.ephemeral


async def test_everybody_sees_it_where_that_is_asked_for(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    reply = await nellie.slash(
        discord.ana, discord.general, "translate", language="English", text=SHIP, public=True
    )

    assert reply.shown == f"In English:\n{SHIP.upper()}"
    assert not reply.ephemeral


async def test_it_is_public_too_where_the_model_takes_its_time(
    open_nellie: Open, discord: Discord
) -> None:
    model = ScriptedModel()
    model.follow("task", lambda prompt: (2.0, *shouts(prompt)))
    nellie = await open_nellie(discord, model=model)

    slow = discord.slash(
        discord.ana, discord.general, "translate", language="en", text=SHIP, public=True
    )

    await shown(nellie, slow)
    assert not slow.ephemeral


async def test_a_thread_is_summed_up_where_it_stands(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "elsewhere")
    thread = discord.thread(discord.ana, discord.general, "the key")
    discord.say(discord.bob, thread, "who has the key?")
    await nellie.ask(discord.ana, thread, "I have it")

    reply = await nellie.slash(discord.ana, thread, "summarize", what="thread")

    assert "who has the key?" in reply.shown
    assert "elsewhere" not in reply.shown


async def test_the_menu_sums_a_message_up(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")

    interaction = discord.menu(discord.ana, "Summarize this", post)

    text = await shown(nellie, interaction)
    assert text.startswith("In short, what Bob said ")
    assert text.endswith("- The mizzen is adrift.")
    assert interaction.ephemeral


async def test_the_menu_translates_into_the_language_that_is_asked_for(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, SHIP)
    menu = discord.menu(discord.ana, "Translate this", post)
    await discord.until(lambda: menu.modal)
    assert menu.modal
    [row] = menu.modal["components"]
    [field] = row["components"]
    assert field["value"] == "English"  # the language of her Discord

    interaction = discord.submit(menu, **{field["custom_id"]: "Englsh"})
    assert "Did you mean English" in await shown(nellie, interaction)

    again = discord.menu(discord.ana, "Translate this", post)
    await discord.until(lambda: again.modal)
    assert again.modal
    field = again.modal["components"][0]["components"][0]
    interaction = discord.submit(again, **{field["custom_id"]: "anglais"})
    text = await shown(nellie, interaction)
    assert text.startswith("In English, what Bob said ")
    assert text.endswith(SHIP.upper())


async def test_a_message_without_a_word_has_nothing_to_translate(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "", files={"cat.png": b"x"})

    interaction = discord.menu(discord.ana, "Summarize this", post)

    assert "no text in that message" in await shown(nellie, interaction)


async def test_the_menu_tells_how_a_message_sounds(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    nellie.model.follow("task", says('{"label": "negative", "confidence": 0.9}'))
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")

    interaction = discord.menu(discord.ana, "Sentiment of this", post)

    assert (await shown(nellie, interaction)).startswith("negative")


async def test_a_text_is_sorted_by_labels_with_examples(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    nellie.model.follow("task", says('{"label": "bug", "confidence": 0.9}'))

    reply = await nellie.slash(
        discord.ana,
        discord.general,
        "classify text",
        labels="bug, praise",
        text="it hangs",
        examples="bug = it crashes",
    )

    assert reply.shown.startswith("bug")
    assert "| it crashes" in nellie.model.prompts_for("task")[-1].messages[1].text


async def test_labels_are_kept_and_completed(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    kept = await nellie.slash(
        discord.mona, discord.general, "classify set", name="triage", labels="bug, praise"
    )
    assert kept.shown.startswith("triage: bug, praise.")
    added = await nellie.slash(
        discord.mona, discord.general, "classify add", name="triage", label="bug", text="it hangs"
    )
    assert (
        "it hangs"
        in (await nellie.slash(discord.ana, discord.general, "classify show", name="triage")).shown
    )
    assert added.shown

    completed = discord.complete(discord.ana, discord.general, "classify text", labels="tri")
    await discord.until(lambda: completed.choices is not None)

    assert completed.choices == ["triage"]
    listed = await nellie.slash(discord.ana, discord.general, "classify list")
    assert listed.shown.startswith("triage: bug, praise (1 example)")


async def test_who_cannot_read_back_is_told_no_names_of_labels(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.slash(
        discord.mona, discord.general, "classify set", name="layoffs-march", labels="fire, keep"
    )
    discord.deny(discord.bob, discord.general, HISTORY)

    for command, option in (("text", "labels"), ("show", "name"), ("remove", "name")):
        completed = discord.complete(
            discord.bob, discord.general, f"classify {command}", **{option: "lay"}
        )
        await discord.until(lambda one=completed: one.choices is not None)  # type: ignore[misc]

        assert completed.choices == []


async def test_a_field_is_found(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    nellie.model.follow("task", says('{"amount": ["40 tons"]}'))

    reply = await nellie.slash(
        discord.ana, discord.general, "extract", fields="amount", text="It carries 40 tons."
    )

    assert "40 tons" in reply.shown


async def test_languages_and_times_are_completed(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    languages = discord.complete(discord.ana, discord.general, "translate", language="por")
    nothing = discord.complete(discord.ana, discord.general, "translate", language="")
    times = discord.complete(discord.ana, discord.general, "summarize", what="t")

    await discord.until(
        lambda: (
            languages.choices is not None
            and nothing.choices is not None
            and times.choices is not None
        )
    )
    assert languages.choices == ["Portuguese", "Brazilian Portuguese"]
    assert nothing.choices
    assert nothing.choices[0] == "English"  # the language of her Discord
    assert len(nothing.choices) == 25
    assert times.choices
    assert times.choices[:2] == ["thread", "today"]

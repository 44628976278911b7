"""Who cannot read on Discord what was said before is told nothing of it by Nellie either."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from doubles.discord_server import Channel, Discord, User
from doubles.discord_server.guild import HISTORY, READ
from doubles.nellie_on_discord import NellieOnDiscord

Open = Callable[..., Awaitable[NellieOnDiscord]]
SECRET = "the safe opens with seven turns"
NOT_TOLD = "You cannot see here what was said before"


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> NellieOnDiscord:
    """Nellie, who remembers what Ana said; Bob cannot look back in #general."""
    nellie = await open_nellie(discord)
    await nellie.ask(discord.ana, discord.general, SECRET)
    discord.deny(discord.bob, discord.general, HISTORY)
    return nellie


def general_thread(discord: Discord) -> Channel:
    return discord.thread(discord.ana, discord.general, "aside")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("memory search", {"words": "safe"}),
        ("memory show", {}),
        ("catchup", {"since": "2h"}),
        ("ask", {"question": "how does the safe open?"}),
        ("ask", {"question": "how does the safe open?", "private": True}),
    ],
)
async def test_a_command_tells_them_nothing_and_why(
    nellie: NellieOnDiscord, name: str, options: dict[str, Any]
) -> None:
    discord = nellie.discord

    interaction = await nellie.slash(discord.bob, discord.general, name, **options)

    assert interaction.shown.startswith(NOT_TOLD)
    assert interaction.ephemeral
    assert "seven" not in interaction.shown


async def test_what_is_theirs_to_decide_still_works(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    for name, options in (("help", {}), ("usage", {}), ("memory optout", {})):
        interaction = await nellie.slash(discord.bob, discord.general, name, **options)
        assert not interaction.shown.startswith(NOT_TOLD)


async def test_who_manages_the_server_exports_nothing_that_they_cannot_read(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    discord.deny(discord.mona, discord.general, HISTORY)

    interaction = await nellie.slash(discord.mona, discord.general, "memory export")

    assert interaction.shown.startswith(NOT_TOLD)


@pytest.mark.parametrize("missing", [HISTORY, READ, HISTORY | READ])
@pytest.mark.parametrize("entry", ["Ask Nellie about this", "Catch me up from here"])
async def test_a_messages_menu_tells_them_nothing(
    nellie: NellieOnDiscord, entry: str, missing: int
) -> None:
    discord = nellie.discord
    discord.deny(discord.carl, discord.general, missing)
    post = discord.say(discord.ana, discord.general, "hello")

    menu = discord.menu(discord.carl, entry, post)
    await discord.until(lambda: menu.shown)

    assert menu.shown.startswith(NOT_TOLD)
    assert menu.modal is None


@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_a_mention_is_answered_with_why_and_kept_out_of_memory(
    nellie: NellieOnDiscord, where: str
) -> None:
    discord = nellie.discord
    place = discord.general if where == "channel" else general_thread(discord)
    prompts = len(nellie.model.prompts)

    answer = await nellie.ask(discord.bob, place, "how does the safe open?")

    assert answer.startswith(NOT_TOLD)
    assert len(nellie.model.prompts) == prompts
    assert not any(text.startswith(NOT_TOLD) for text in await nellie.texts())


async def test_a_mention_that_was_missed_is_judged_by_the_members_rights(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    await first.ask(discord.ana, discord.general, SECRET)
    await first.stop_adapter()
    discord.deny(discord.bob, discord.general, HISTORY)
    questions = [
        discord.say(user, discord.general, f"{discord.bot.mention} how does the safe open?")
        for user in (discord.bob, discord.carl)
    ]

    second = await open_nellie(discord)
    refused, answered = [await second.answer_to(question) for question in questions]

    assert refused.startswith(NOT_TOLD)
    assert answered == "You said: how does the safe open?"
    asked_for = discord.find(f"GET /guilds/{discord.world.guild}/members")
    assert len(asked_for) == 3  # once for each person


async def test_others_are_answered_as_ever(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    async def asks(user: User, channel: Channel) -> str:
        return await nellie.ask(user, channel, "and now?")

    assert await asks(discord.carl, discord.general) == "You said: and now?"
    assert await asks(discord.bob, discord.random) == "You said: and now?"
    found = await nellie.slash(discord.carl, discord.general, "memory search", words="safe")
    assert "seven" in found.shown
    direct = discord.dm(discord.bob, "and here?")
    assert await nellie.answer_to(direct) == "You said: and here?"
    await asyncio.sleep(0)

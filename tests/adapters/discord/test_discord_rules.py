"""Rules on Discord: who is to be told is pinged, and nobody else, whatever a message says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from doubles.discord_server import Discord
from doubles.discord_server.guild import Role, User
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.sorting_script import sorts

from bot.testing import ScriptedModel

Open = Callable[..., Awaitable[NellieOnDiscord]]


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> NellieOnDiscord:
    """Nellie with a model that sorts, and a rule."""
    model = ScriptedModel()
    model.follow("rule", sorts(outage="down", bug="crash"))
    nellie = await open_nellie(discord, model=model)
    rule = {"name": "triage", "labels": "bug, outage"}
    await nellie.slash(discord.mona, discord.general, "rules add", **rule)
    return nellie


async def tell(nellie: NellieOnDiscord, whom: User | Role) -> str:
    """Somebody with rights says who is to be told of outages; the reply."""
    given = {"name": "triage", "label": "outage", "whom": whom}
    discord = nellie.discord
    return (await nellie.slash(discord.mona, discord.general, "rules tell", **given)).shown


async def said(nellie: NellieOnDiscord, text: str) -> None:
    """Bob says this, and it is remembered."""
    count = len(await nellie.texts())
    nellie.discord.say(nellie.discord.bob, nellie.discord.general, text)
    async with asyncio.timeout(20):
        while len(await nellie.texts()) == count:  # noqa: ASYNC110  # of another process's event
            await asyncio.sleep(0.02)


async def look(nellie: NellieOnDiscord) -> None:
    await nellie.parts.jobs.label_arrived()
    await nellie.parts.lanes.idle()


def take_pings(discord: Discord) -> list[tuple[str, list[User], list[str]]]:
    """What has really pinged somebody, as these tests want it: so it counts as no fault."""
    found = []
    for post in discord.pinging():
        found.append((post.text, post.mentioned, post.roles))
        post.mentioned, post.roles = [], []
    return found


@pytest.mark.parametrize("kind", ["person", "role"])
async def test_who_is_to_be_told_is_pinged_once_and_nobody_else(
    nellie: NellieOnDiscord, discord: Discord, kind: str
) -> None:
    everyone, managers = discord.world.roles
    await tell(nellie, discord.ana if kind == "person" else managers)
    hostile = f"down @everyone <@&{everyone.id}> {discord.carl.mention} [ok](https://e.example)"
    await said(nellie, hostile)

    await look(nellie)
    await look(nellie)

    [(text, people, roles)] = take_pings(discord)
    mention = discord.ana.mention if kind == "person" else f"<@&{managers.id}>"
    assert text.startswith(f"{mention}: triage says outage (90 %): https://discord.com/channels/")
    assert people == ([discord.ana] if kind == "person" else [])
    assert roles == ([] if kind == "person" else [managers.id])


async def test_everybody_at_once_is_never_told(nellie: NellieOnDiscord, discord: Discord) -> None:
    everyone, _ = discord.world.roles

    reply = await tell(nellie, everyone)

    assert "Everybody at once" in reply


async def test_a_post_that_is_made_good_after_a_crash_pings_nobody_again(
    nellie: NellieOnDiscord, discord: Discord
) -> None:
    await tell(nellie, discord.ana)
    await said(nellie, "down")
    await look(nellie)
    assert len(take_pings(discord)) == 1
    turn = await nellie.parts.turns.get(2)  # after the introduction

    assert turn is not None
    assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted
    assert turn.posted

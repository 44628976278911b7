"""What a key of somebody may read on Discord: what they see there, and can look back in."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Channel as Place
from doubles.discord_server import User
from doubles.discord_server.guild import HISTORY, READ
from doubles.nellie_on_discord import NellieOnDiscord

from adapters.discord import readers
from bot.domain.model import Channel

Open = Callable[..., Awaitable[NellieOnDiscord]]


async def settled(nellie: NellieOnDiscord) -> None:
    """All that Discord has told has arrived: it tells of each thing after the former one."""
    question = nellie.discord.dm(nellie.discord.carl, "Are you there?")
    await nellie.answer_to(question)


async def may(nellie: NellieOnDiscord, user: User, place: Place) -> bool:
    channel = Channel("discord", nellie.discord.world.guild, place.id)
    return bool(await nellie.adapter.may_read(channel, user.id))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a new one."""
    monkeypatch.setattr(readers, "FRESH", -1.0)


async def test_who_somebody_is_on_a_server_is_asked_once_for_all_its_channels(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FRESH", 60.0)
    discord = nellie.discord
    before = len(discord.find("GET /guilds/{guild}/members"))

    for place in (discord.general, discord.random, discord.general):
        assert await may(nellie, discord.bob, place)

    asked = discord.requests(f"GET /guilds/{discord.world.guild}/members/{discord.bob.id}")
    assert len(asked) == before + 1


async def test_a_member_may_read_what_they_see(nellie: NellieOnDiscord) -> None:
    assert await may(nellie, nellie.discord.ana, nellie.discord.general)


@pytest.mark.parametrize("missing", [HISTORY, READ, HISTORY | READ])
async def test_who_cannot_see_or_look_back_may_not_from_the_next_look_on(
    nellie: NellieOnDiscord, missing: int
) -> None:
    discord = nellie.discord

    before = await may(nellie, discord.bob, discord.general)
    discord.deny(discord.bob, discord.general, missing)
    await settled(nellie)

    assert before
    assert not await may(nellie, discord.bob, discord.general)
    assert await may(nellie, discord.bob, discord.random)


async def test_who_has_left_the_server_may_read_nothing_of_it(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    discord.leave(discord.bob)

    assert not await may(nellie, discord.bob, discord.general)


async def test_a_private_thread_is_of_those_who_were_let_in(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    thread = discord.private_thread(discord.ana, discord.general)
    thread.members.add(discord.carl.id)
    await settled(nellie)

    assert await may(nellie, discord.ana, thread)
    assert await may(nellie, discord.carl, thread)
    assert not await may(nellie, discord.bob, thread)


async def test_who_sees_the_channel_no_more_reads_none_of_its_private_threads(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    thread = discord.private_thread(discord.ana, discord.general)
    discord.deny(discord.ana, discord.general, READ)
    await settled(nellie)

    assert not await may(nellie, discord.ana, thread)


async def test_direct_messages_are_only_their_persons(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    direct = discord.world.direct(discord.ana)
    channel = Channel("discord", "@me", direct.id, direct=True)

    assert await nellie.adapter.may_read(channel, discord.ana.id)
    assert not await nellie.adapter.may_read(channel, discord.bob.id)


@pytest.mark.parametrize(
    ("workspace", "id", "person"),
    [("", "1", "1"), ("x", "1", "1"), ("1", "1", "1"), ("1", "C1", "1"), ("1", "1", "ana")],
)
async def test_what_discord_does_not_know_nobody_may_read(
    nellie: NellieOnDiscord, workspace: str, id: str, person: str
) -> None:
    assert not await nellie.adapter.may_read(Channel("discord", workspace, id), person)


async def test_of_many_channels_one_request_says_which_may_be_read(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FRESH", 60.0)
    discord = nellie.discord
    rooms = [discord.open(f"room{number}") for number in range(150)]
    discord.deny(discord.bob, rooms[3], READ)
    secret = discord.private_thread(discord.ana, discord.general)
    direct = discord.world.direct(discord.bob)
    await settled(nellie)
    server = discord.world.guild
    here = [Channel("discord", server, room.id) for room in (*rooms, secret)]
    elsewhere = Channel("discord", "4711", rooms[0].id)
    unknown = Channel("discord", server, "no number")
    private = Channel("discord", "@me", direct.id, direct=True)
    before = len(discord.find("GET /guilds/{guild}/members"))

    answers = await nellie.adapter.readable([*here, elsewhere, unknown, private], discord.bob.id)

    assert [one for one, yes in answers.items() if not yes] == [here[3], elsewhere]
    assert all(answers[one] for one in here[:-1] if one is not here[3])
    assert {here[-1], unknown, private}.isdisjoint(answers)
    asked = discord.requests(f"GET /guilds/{server}/members/{discord.bob.id}")
    assert len(asked) == before + 1


async def test_who_has_left_may_read_none_of_many(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    discord.leave(discord.bob)
    channels = [
        Channel("discord", discord.world.guild, one.id) for one in (discord.general, discord.random)
    ]

    answers = await nellie.adapter.readable(channels, discord.bob.id)
    nobody = await nellie.adapter.readable(channels, "no number")
    await nellie.stop_adapter()

    assert answers == nobody == dict.fromkeys(channels, False)
    assert await nellie.adapter.readable(channels, discord.ana.id) == {}


async def test_without_a_session_nothing_is_said(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    channel = Channel("discord", discord.world.guild, discord.general.id)
    await nellie.stop_adapter()

    assert await nellie.adapter.may_read(channel, discord.ana.id) is None


async def test_a_key_is_good_as_long_as_its_person_is_on_the_server(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    guild = discord.world.guild
    before = [await nellie.adapter.is_member(one, discord.bob.id) for one in (guild, "@me")]

    discord.leave(discord.bob)
    after = [await nellie.adapter.is_member(one, discord.bob.id) for one in (guild, "@me")]

    assert before == [True, True]
    assert after == [False, False]


@pytest.mark.parametrize(("server", "person"), [("4711", "1"), ("x", "1"), ("@me", "no number")])
async def test_of_what_discord_cannot_know_nothing_is_said(
    nellie: NellieOnDiscord, server: str, person: str
) -> None:
    assert await nellie.adapter.is_member(server, person) is None

"""Reading the history of a channel on Discord."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.discord_server import Discord, Post
from doubles.nellie_on_discord import NellieOnDiscord
from structlog.testing import capture_logs

PAST = "UPDATE channel SET read_until = now() - interval '1 hour'"
READ_UNTIL = "SELECT read_until FROM channel WHERE external_id = :id"


async def unheard_talk(nellie: NellieOnDiscord, count: int) -> list[Post]:
    """So many messages that the bot is not told of."""
    discord, gateway = nellie.discord, nellie.discord.world.gateway
    sessions, gateway.sessions = gateway.sessions, []
    posts = [discord.say(discord.bob, discord.general, f"number {n}") for n in range(count)]
    gateway.sessions = sessions
    return posts


@contextmanager
def garbled(discord: Discord, places: dict[str, Any]) -> Iterator[None]:
    """History in which some messages, by their ids, have other fields, or are something else."""

    def spoil(answer: Any) -> Any:
        return [_garbled(one, places[one["id"]]) if one["id"] in places else one for one in answer]

    discord.faults.spoil["GET /channels/[0-9]+/messages"] = spoil
    yield
    discord.faults.spoil.clear()


def _garbled(message: Any, fault: Any) -> Any:
    return message | fault if isinstance(fault, dict) else fault


async def read_in(nellie: NellieOnDiscord) -> None:
    """Read the history of the last hour."""
    async with nellie.database.begin() as connection:
        await connection.execute(sa.text(PAST))
    nellie.connection.backfill.request()
    await nellie.connection.backfill.caught_up.wait()


async def read_until(nellie: NellieOnDiscord) -> datetime:
    """Up to when history has been read."""
    async with nellie.database.begin() as connection:
        values = {"id": nellie.discord.general.id}
        until = await connection.scalar(sa.text(READ_UNTIL), values)
    assert isinstance(until, datetime)
    return until


async def test_reads_back_a_channel_with_its_threads_in_order(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    thread = discord.thread(discord.ana, discord.general)
    for number in range(120):
        channel = thread if number % 2 else discord.general
        discord.say(discord.bob, channel, f"number {number}")
    thread.archived = True
    [state] = [
        one
        for one in await nellie.parts.stores.channels.all()
        if one.channel.id == discord.general.id
    ]
    long_ago = datetime.now(UTC) - timedelta(days=1)

    found = [said async for said in nellie.adapter.history(state.channel, long_ago)]

    assert [said.text for said in found] == ["one", *(f"number {n}" for n in range(120))]
    assert {said.thread for said in found} == {"", thread.id}
    assert found[0].addressed


async def test_reads_nothing_where_nothing_is_new(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    [state] = [
        one
        for one in await nellie.parts.stores.channels.all()
        if one.channel.id == discord.general.id
    ]
    before = len(discord.find("GET /channels"))

    later = datetime.now(UTC) + timedelta(minutes=1)

    assert [said async for said in nellie.adapter.history(state.channel, later)] == []
    assert len(discord.find("GET /channels")) == before


GARBLED: list[dict[str, Any]] = [
    {"author": None},
    {"id": None},
    {"id": "not a number"},
    {"id": "9" * 19},
    {"embeds": 3},
    {"content": [1]},
    {"mentions": "everybody"},
    {"edited_timestamp": {"at": 1}},
    {"attachments": [None]},
    {"poll": 7},
]


@pytest.mark.parametrize("fault", GARBLED, ids=str)
async def test_a_garbled_message_is_left_out_and_the_rest_is_read(
    nellie: NellieOnDiscord, fault: dict[str, Any]
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    posts = await unheard_talk(nellie, 230)
    begun = datetime.now(UTC)

    with garbled(discord, {posts[n].id: fault for n in (20, 130, 229)}), capture_logs() as logs:
        await read_in(nellie)

    left_out = {f"number {n}" for n in (20, 130, 229)}
    heard = set(await nellie.texts())
    assert heard >= {f"number {n}" for n in range(230)} - left_out
    assert not heard & left_out
    warnings = [one["event"] for one in logs if one["log_level"] == "warning"]
    assert set(warnings) == {"history_message_not_understood"}
    assert await read_until(nellie) >= begun


@pytest.mark.parametrize("place", ["null", 7, "x", [], {"id": {}}], ids=str)
async def test_what_is_no_message_is_left_out_of_a_page(
    nellie: NellieOnDiscord, place: Any
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    posts = await unheard_talk(nellie, 4)
    begun = datetime.now(UTC)

    with garbled(discord, {posts[1].id: place}):
        await read_in(nellie)

    assert {"number 0", "number 2", "number 3"} <= set(await nellie.texts())
    assert await read_until(nellie) >= begun


async def test_a_page_without_ids_is_read_again_later(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    posts = await unheard_talk(nellie, 120)
    begun = datetime.now(UTC)

    with garbled(discord, {post.id: {"id": "x"} for post in posts}), capture_logs() as logs:
        await read_in(nellie)

    assert "channel_not_read" in [one["event"] for one in logs]
    assert await read_until(nellie) < begun
    await read_in(nellie)
    assert {f"number {n}" for n in range(120)} <= set(await nellie.texts())


@pytest.mark.parametrize("fault", [*GARBLED, "x", None], ids=str)
async def test_a_garbled_message_hides_no_post_of_an_answer(
    nellie: NellieOnDiscord, fault: Any
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    turn = await nellie.parts.stores.turn_actions.get(1)
    between = await unheard_talk(nellie, 3)
    assert turn

    with garbled(discord, {post.id: fault for post in between}):
        found = await nellie.connection.own_posts.find(replace(turn, posted=()))

    assert len(found) == 1

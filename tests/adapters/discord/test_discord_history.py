"""Reading the history of a channel on Discord."""

from datetime import UTC, datetime, timedelta

from doubles.nellie_on_discord import NellieOnDiscord


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

"""Reminders on Discord: in the channel, or by direct message; each once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.domain.model import Author
from bot.store.reminders import NewReminder


@pytest.mark.parametrize("private", [False, True])
async def test_two_of_the_same_words_are_two_posts_each_found_again(
    discord: Discord, nellie: NellieOnDiscord, private: bool
) -> None:
    await nellie.ask(discord.bob, discord.general, "hello")
    stores = nellie.parts.stores
    [state] = [
        one for one in await stores.channels.all() if one.channel.id == str(discord.general.id)
    ]
    person = Author(str(discord.bob.id), "Bob")
    for _ in range(2):
        await stores.reminders.add(
            NewReminder(
                channel_id=state.id,
                channel=state.channel,
                person=person,
                text="call the pilot",
                at=datetime.now(UTC),
                zone="UTC",
                private=private,
            )
        )

    for _ in range(2):
        await nellie.parts.jobs.open_reminders()
        await nellie.parts.lanes.idle()

    told = [one for one in discord.of_bot(discord.general) if "call the pilot" in one.text]
    assert len(told) == (0 if private else 2)
    direct = [
        one for one in discord.of_bot(discord.world.direct(discord.bob)) if "the pilot" in one.text
    ]
    assert len(direct) == (2 if private else 0)
    assert await stores.reminders.open_ones(state.id, person.id) == []
    if not private:
        turns = [await nellie.parts.turns.get(number) for number in (2, 3)]
        for turn in turns:
            assert turn is not None
            assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted

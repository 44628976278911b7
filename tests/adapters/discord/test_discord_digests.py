"""A digest by the clock, as a server sees it."""

from dataclasses import replace

import sqlalchemy as sa
from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord


async def test_a_digest_is_posted_once_and_found_again(
    discord: Discord, nellie: NellieOnDiscord
) -> None:
    interaction = await nellie.slash(discord.mona, discord.general, "digest", when="daily 09:00")
    discord.say(discord.bob, discord.general, "the disk is red")
    await discord.until(lambda: discord.gateway.connected)
    while "the disk is red" not in await nellie.texts():
        await nellie.parts.lanes.idle()
    async with nellie.database.autocommit() as connection:
        await connection.execute(
            sa.text("UPDATE schedule SET next_at = now(), since = now() - interval '1 day'")
        )

    for _ in range(2):
        await nellie.parts.scheduled_digests.open_due()
        await nellie.parts.lanes.idle()

    told = [one for one in discord.of_bot(discord.general) if "the disk is red" in one.text]
    turn = await nellie.parts.turns.get(1)
    assert interaction.shown
    assert len(told) == 1
    assert "https://" in told[0].text
    assert turn is not None
    assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted

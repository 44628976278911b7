"""A digest by the clock, as a server sees it."""

from dataclasses import replace

import sqlalchemy as sa
from doubles.discord import Discord
from doubles.discord.house import Nellie


async def test_a_digest_is_posted_once_and_found_again(discord: Discord, nellie: Nellie) -> None:
    did = await nellie.slash(discord.mona, discord.general, "digest", when="daily 09:00")
    discord.say(discord.bob, discord.general, "the disk is red")
    await discord.until(lambda: discord.gateway.connected)
    while "the disk is red" not in await nellie.texts():
        await nellie.engine.lanes.idle()
    async with nellie.database.single() as connection:
        await connection.execute(
            sa.text("UPDATE schedule SET next_at = now(), since = now() - interval '1 day'")
        )

    for _ in range(2):
        await nellie.engine.post_digests()
        await nellie.engine.lanes.idle()

    told = [one for one in discord.of_bot(discord.general) if "the disk is red" in one.text]
    turn = await nellie.engine.turn(1)
    assert did.shown
    assert len(told) == 1
    assert "https://" in told[0].text
    assert turn is not None
    assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted

"""/web: a link to the page, for its person alone."""

import re
from collections.abc import Awaitable, Callable

from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

Open = Callable[..., Awaitable[NellieOnDiscord]]


async def test_a_link_is_shown_to_its_person_alone_and_remembered_nowhere(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, web="8082", web_url="https://nellie.example.org")

    shown = await nellie.slash(discord.ana, discord.general, "web")

    [secret] = re.findall(r"https://nellie\.example\.org/sign-in/(\w{43})", shown.shown)
    offered = await nellie.parts.stores.page_sessions.find_link(secret)
    assert shown.ephemeral
    assert offered
    assert offered.platform == "discord"
    assert secret not in "".join(await nellie.texts())
    assert secret not in "".join(map(str, discord.visible(discord.general)))

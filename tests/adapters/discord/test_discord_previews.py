"""No link gets a preview on Discord: an answer could carry words out of a channel, unclicked."""

from collections.abc import Awaitable, Callable
from typing import Any

from doubles.discord_server import Discord
from doubles.nellie_on_discord import NellieOnDiscord

from bot.domain.model import Chunk
from bot.testing import Script, ScriptedModel

Open = Callable[..., Awaitable[NellieOnDiscord]]

LINK = "https://evil.example/?words=the+treasure"
LONG = ("word " * 90 + f"{LINK}\n\n") * 5
NO_EMBEDS = 4
WAYS = {"POST channel", "PATCH channel", "POST response", "PATCH response"}
WAYS |= {"POST follow-up", "PATCH follow-up"}


def says_slowly(*pieces: str) -> Script:
    """Says this in pieces, with enough time between two of them that each is shown."""
    steps = [step for piece in pieces for step in (Chunk(piece), 1.6)]
    return lambda prompt: (*steps, Chunk("", "stop"))


def texts_sent(discord: Discord) -> list[tuple[str, Any]]:
    """Every text that Discord was sent, with the way on which it came."""
    found = []
    for asked in discord.find():
        body = asked.body if isinstance(asked.body, dict) else {}
        data = body.get("data") or body
        if "content" in data:
            place = "channel" if asked.path.startswith("/channels/") else "follow-up"
            answers = asked.path.endswith(("/callback", "@original"))
            found.append((f"{asked.method} {'response' if answers else place}", data))
    return found


async def test_every_way_to_show_text_on_discord_leaves_its_links_alone(
    open_nellie: Open, discord: Discord
) -> None:
    model = ScriptedModel(says_slowly(f"see {LINK} ", LONG, "the end."))
    nellie = await open_nellie(discord, model=model)
    ana, general = discord.ana, discord.general

    answer = await nellie.ask(ana, general, f"what is {LINK}?")
    asked = [
        await nellie.slash(ana, general, "ask", question=LINK, private=private)
        for private in (False, True)
    ]
    found = await nellie.slash(ana, general, "memory search", words="evil")

    assert LINK in answer
    assert all(LINK in one.shown for one in (*asked, found))
    assert {way for way, _ in texts_sent(discord)} == WAYS
    assert all(data.get("flags", 0) & NO_EMBEDS for _, data in texts_sent(discord))
    assert discord.opened() == []


async def test_the_double_opens_links_as_discord_does(open_nellie: Open, discord: Discord) -> None:
    nellie = await open_nellie(discord)
    channel = nellie.connection.client.get_partial_messageable(int(discord.general.id))

    shown = await channel.send("no link yet")
    await channel.get_partial_message(shown.id).edit(content=f"now {LINK}")
    opened = discord.opened()
    quiet = await channel.send("none", suppress_embeds=True)
    await channel.get_partial_message(quiet.id).edit(content=f"now {LINK}")

    assert opened == discord.opened() == [LINK]
    for post in discord.world.posts.values():
        post.opened.clear()  # it was ordered: the fixture looks for those of the adapter
